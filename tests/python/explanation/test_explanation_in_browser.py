"""The picture in headless Chromium: it fetches nothing; a click shows a node and its path."""

from __future__ import annotations

import pytest
from histories import HOSTILE, INFERENCE, elements

from browser import CHROMIUM, NO_WEBGL, Browser
from hartonomous.explanation.page import render
from hartonomous.explanation.path import path_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser():
    with Browser(*NO_WEBGL, width=1400, height=800) as opened:
        yield opened


def shown(browser, folder, query="who repairs a roof?"):
    path = path_of(INFERENCE, elements(query))
    page = folder / "why.html"
    page.write_bytes(render(path))
    browser.requests.clear()
    browser.problems.clear()
    browser.open(page)
    return path


def chosen(browser, label):
    """Click the first box of a kind."""
    box = browser.js(
        f"(() => {{ const b = document.querySelector('.node.{label}');"
        "b.scrollIntoView({block: 'center', inline: 'center'});"
        "const r = b.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.call(
            "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1
        )
    return browser.js("document.getElementById('selected').innerText")


def test_it_is_drawn_whole_and_asks_for_nothing(browser, tmp_path):
    path = shown(browser, tmp_path)
    assert browser.requests == [(tmp_path / "why.html").as_uri()]
    assert not browser.problems
    drawn = browser.js(
        "[...document.querySelectorAll('.node')].filter(n => n.getBoundingClientRect().width > 100)"
        ".length"
    )
    assert drawn == len(path.nodes)
    assert browser.js("document.querySelectorAll('#edges path').length") == len(path.edges)


def test_a_click_shows_the_node_and_lights_its_history(browser, tmp_path):
    shown(browser, tmp_path)
    said = chosen(browser, "Text")
    assert "notes" in said and "PART_OF" in said
    lit = browser.js("[...document.querySelectorAll('.node.lit')].map(n => n.classList[1])")
    # from who was answered to the file, and not the ways of other results
    assert {"Inference", "Result", "Embedding", "Text", "Dataset", "SourceFile"} <= set(lit)
    assert lit.count("Text") == 1 and "Model" not in lit
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="Escape")
    assert browser.js("document.querySelectorAll('.node.lit').length") == 0


def test_a_hostile_question_stays_a_text(browser, tmp_path):
    shown(browser, tmp_path, HOSTILE)
    assert HOSTILE.split()[0] in chosen(browser, "Feedback")
    assert not browser.problems
    assert browser.js("document.images.length") == 0
