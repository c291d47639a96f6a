"""Which inferences are listed, and found again."""

from __future__ import annotations

import pytest
from log_entries import inference

from hartonomous import inference_log
from hartonomous.errors import InputError


@pytest.fixture
def folder(tmp_path):
    for day in (3, 1, 2):
        for hour in (8, 20):
            inference_log.append(
                tmp_path,
                inference(
                    f"{day} {hour}",
                    created_at=f"2026-11-0{day}T{hour:02}:00:00.000000",
                    inference_id=f"{day}{hour:02}abc",
                    model_ids=[f"id{day}"],
                    students=["half"] if day == 2 else [],
                    caller="ann" if hour == 8 else "bob",
                    task="search" if day < 3 else "embed",
                ),
            )
    (tmp_path / "sql-1.json").write_text(
        '{"inference_id":"sql","created_at":"2026-11-02 12:00:00","query_text":"by SQL"}\n'
    )
    return tmp_path


def asked(found):
    return [entry["query_text"] for entry in found]


def test_newest_first_those_of_sql_among_them(folder):
    newest = ["3 20", "3 8", "2 20", "by SQL", "2 8", "1 20", "1 8"]
    assert asked(inference_log.select(folder)) == newest
    assert asked(inference_log.read(folder)) == newest[::-1]
    assert asked(inference_log.select(folder, limit=4)) == newest[:4]
    assert asked(inference_log.select(folder, since="2026-11-02T12:00", limit=9)) == newest[:4]
    assert asked(inference_log.select(folder, since="2026-11-02T20:00:00+08:00")) == newest[:4]


def test_by_model_student_task_and_caller(folder):
    assert asked(inference_log.select(folder, model="id1")) == ["1 20", "1 8"]
    assert asked(inference_log.select(folder, model="half")) == ["2 20", "2 8"]
    assert asked(inference_log.select(folder, task="embed", caller="ann")) == ["3 8"]


def test_one_is_found_by_the_beginning_of_its_id(folder):
    assert inference_log.find(folder, "last")["query_text"] == "3 20"
    assert inference_log.find(folder, "208")["query_text"] == "2 8"
    assert inference_log.find(folder, "sq")["query_text"] == "by SQL"
    with pytest.raises(InputError, match="2 inferences begin with '1'"):
        inference_log.find(folder, "1")
    with pytest.raises(InputError, match="no inference was logged yet"):
        inference_log.find(folder / "empty", "last")


def test_feedback_is_about_an_inference_and_its_result(folder):
    said = inference_log.feedback(folder, "208", "bad", rank=2, note="not that one")
    assert inference_log.read_events(folder, "feedback") == [said]
    assert (said["inference_id"], said["rank"], said["verdict"]) == ("208abc", 2, "bad")
    assert len(inference_log.read(folder)) == 7
    with pytest.raises(InputError, match="no result of rank 3; there are: 1, 2"):
        inference_log.feedback(folder, "208", "good", rank=3)
    with pytest.raises(InputError, match="good or bad"):
        inference_log.feedback(folder, "208", "fine")
