"""The softmax kernel against NumPy, at scores that overflow where the largest is not taken off."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from jinja2 import Environment

HIGH = 1e4


@pytest.mark.parametrize(
    "scores",
    [[HIGH, HIGH - 1, -HIGH], [-HIGH, -HIGH - 2], [HIGH, -np.inf], [0.5], [3.0, 1.0, 2.0]],
)
def test_softmax(project, scores):
    kernel = (project / "macros/kernels/softmax.sql").read_text()
    statement = Environment().from_string(kernel).module.softmax("scored")
    ((found,),) = duckdb.execute(
        f"WITH scored AS (SELECT $1::FLOAT[] AS scores) SELECT weights FROM ({statement})",
        [[float(score) for score in scores]],
    ).fetchall()
    powers = np.exp(np.array(scores) - max(scores))
    assert found == pytest.approx((powers / powers.sum()).tolist(), abs=1e-6)
    assert sum(found) == pytest.approx(1, abs=1e-6)
