"""The page in headless Chromium: it draws, finds points under the pointer, keeps texts texts."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from map_pages import HOSTILE, hostile_page, page_of
from matplotlib.image import imread

from browser import CHROMIUM, NO_WEBGL, SOFTWARE_WEBGL, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

SIZE = (900, 600)
TOPICS = ["bread", "roofs", "stars"]


@pytest.fixture(scope="module", params=["webgl", "canvas"])
def browser(request):
    flags = SOFTWARE_WEBGL if request.param == "webgl" else NO_WEBGL
    with Browser(*flags, width=SIZE[0], height=SIZE[1]) as opened:
        opened.webgl = request.param == "webgl"
        yield opened


@pytest.fixture
def opened(browser, tmp_path):
    """A page of 300 points with a query whose results are the first three."""
    rows = [
        {"source": "made", "topic": TOPICS[i % 3], "year": None if i % 50 == 0 else 1900 + i}
        for i in range(300)
    ]
    page, points = page_of(
        [f"text {i} of {TOPICS[i % 3]}" for i in range(300)],
        rows,
        color="topic",
        total=1200,
        query={
            "text": "near the first",
            "position": [0.0, 0.0, 0.0],
            "results": [
                {"rank": r, "id": r, "distance": 0.1 * r, "point": r - 1} for r in (1, 2, 3)
            ],
        },
    )
    return shown(browser, tmp_path, page), points


def shown(browser, folder, page: str):
    """The browser with the page in it; what it asked for and complained about starts anew."""
    path = folder / "page.html"
    path.write_bytes(page.encode())
    browser.requests.clear()
    browser.problems.clear()
    browser.open(path)
    browser.frame()
    return browser


def text_of(browser, selector: str) -> str:
    """What a person reads there: nothing of an element that is hidden."""
    return browser.js(
        f"(e => e.checkVisibility() ? e.innerText : '')(document.querySelector({selector!r}))"
    )


def set_value(browser, selector: str, value: str, event: str) -> None:
    browser.js(
        f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event({event!r})) }})"
        f"(document.querySelector({selector!r}))"
    )


def colors_of(browser) -> np.ndarray:
    """The picture beside the panel, uint8[height, width, 3]."""
    picture = imread(BytesIO(browser.picture()))[:, : SIZE[0] - 330, :3]
    return np.rint(picture * 255).astype(np.uint8)


def hits(picture: np.ndarray, color: str) -> int:
    """Pixels near a color, haze and rim allowed for."""
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    return int((np.abs(picture.astype(int) - wanted).max(axis=2) < 40).sum())


def test_it_draws_by_itself_without_a_complaint(opened):
    browser, _ = opened
    assert len(browser.requests) == 1 and browser.requests[0].startswith("file://")
    assert browser.problems == []
    assert text_of(browser, "#model") == "made"
    assert "a sample of 300 of 1,200 points" in text_of(browser, "#about")
    message = "" if browser.webgl else "This browser has no WebGL: points are drawn more slowly."
    assert browser.js("document.getElementById('message').textContent") == message
    picture = colors_of(browser)
    for color in ("#1a85ff", "#d41159", "#999933"):  # the three topics
        assert hits(picture, color) > 300, color
    legend = text_of(browser, "#legend")
    assert all(f"{topic}\n100" in legend for topic in TOPICS)


def test_the_pointer_finds_what_a_result_is(opened):
    browser, points = opened
    assert text_of(browser, "#query") == "near the first"
    rows = "[...document.querySelectorAll('#results .row')]"
    assert browser.js(f"{rows}.map(r => r.querySelector('.number').textContent)") == list("123")
    browser.js(f"{rows}[1].click()")
    assert "text 1 of roofs" in text_of(browser, "#selected-card")
    # It flies to the middle of the picture, where the pointer then finds it.
    middle = ((SIZE[0] - 320) / 2, SIZE[1] / 2)
    browser.until("document.querySelectorAll('.row.current').length === 1")
    browser.frame()
    browser.mouse("mouseMoved", *middle)
    card = text_of(browser, "#card")
    assert "text 1 of roofs" in card and "topic\nroofs" in card and "year\n1901" in card
    assert f"id\n{points.ids[1]}" in card
    # It follows the hand, by as much and in the same direction.
    browser.drag((100, 200), (160, 240), (220, 290), modifiers=8)
    browser.frame()
    assert browser.js("document.getElementById('card').hidden")
    browser.mouse("mouseMoved", middle[0] + 120, middle[1] + 90)
    assert "text 1 of roofs" in text_of(browser, "#card")
    browser.mouse("mouseMoved", 2, 2)
    assert browser.js("document.getElementById('card').hidden")
    browser.key("Escape")
    assert browser.js("document.getElementById('selected').hidden")


def test_turning_zooming_moving_change_the_picture_and_home_brings_it_back(opened):
    browser, _ = opened
    first = colors_of(browser)

    def changed() -> bool:
        return bool((colors_of(browser) != first).any())

    for act in (
        lambda: browser.drag((200, 300), (240, 310), (280, 320)),
        lambda: browser.drag((200, 300), (260, 300), modifiers=8),
        lambda: browser.mouse("mouseWheel", 300, 300, deltaX=0, deltaY=-240),
        lambda: browser.key("ArrowLeft"),
        lambda: browser.key("ArrowUp", modifiers=8),
        lambda: browser.key("+"),
        lambda: browser.key("3"),
    ):
        act()
        assert changed()
        browser.js("document.activeElement.blur()")
        browser.mouse("mouseMoved", 2, 2)
        browser.key("0")
        assert not changed()


def test_filter_legend_and_gradient(opened):
    browser, _ = opened
    set_value(browser, "#filter", "  ROOFS 12 ", "input")
    browser.until("document.getElementById('filtered').textContent")
    expected = sum("roofs" in f"text {i} of {TOPICS[i % 3]}" and "12" in str(i) for i in range(300))
    assert text_of(browser, "#filtered") == f"{expected} of 300"
    assert browser.js("document.querySelectorAll('#matches .row').length") == expected
    browser.frame()
    assert hits(colors_of(browser), "#1a85ff") < 60
    set_value(browser, "#filter", "", "input")
    browser.until("!document.getElementById('filtered').textContent")
    before = hits(colors_of(browser), "#d41159")
    browser.js("document.querySelectorAll('#legend .row')[1].click()")
    assert hits(colors_of(browser), "#d41159") < before / 10
    set_value(browser, "#color", "2", "change")
    ticks = browser.js("[...document.querySelectorAll('.ticks span')].map(s => s.textContent)")
    assert ticks[0] == "≤ 1904" and ticks[2] == "≥ 2196"
    assert "no value\n6" in text_of(browser, "#legend")
    assert hits(colors_of(browser), "#b4b9be") > 0 and browser.problems == []


def test_dark_and_narrow(opened):
    browser, _ = opened
    browser.js("document.getElementById('theme').click()")
    picture = colors_of(browser)
    assert hits(picture, "#14171c") > hits(picture, "#ffffff") and hits(picture, "#e69f00") > 100
    browser.resize(380, 700)
    try:
        browser.frame()
        assert browser.js("document.documentElement.scrollWidth") <= 380
        assert browser.js("document.getElementById('picture').clientWidth") == 380
    finally:
        browser.resize(*SIZE)


def test_hostile_texts_stay_texts(browser, tmp_path):
    shown(browser, tmp_path, hostile_page())
    for row in range(browser.js("document.getElementById('color').options.length")):
        set_value(browser, "#color", str(row - 1), "change")
    set_value(browser, "#filter", "<", "input")
    browser.until("document.querySelectorAll('#matches .row').length > 2")
    browser.js("document.querySelector('#matches .row').click()")
    assert HOSTILE[0] in text_of(browser, "#selected-card")
    assert browser.js("document.title").startswith("</script><img")
    assert browser.js("document.images.length + document.querySelectorAll('b').length") == 0
    assert browser.problems == [] and len(browser.requests) == 1


def test_one_point_alone_is_drawn(browser, tmp_path):
    shown(browser, tmp_path, page_of(["alone"])[0])
    browser.mouse("mouseMoved", (SIZE[0] - 320) / 2, SIZE[1] / 2)
    assert "alone" in text_of(browser, "#card") and browser.problems == []
