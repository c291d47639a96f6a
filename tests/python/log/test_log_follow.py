"""The log as an outbox: every entry once, in order, from a position that stays true."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from log_entries import inference

from hartonomous import inference_log


def asked(found):
    return [entry.get("query_text") or entry["event"] for entry, _ in found]


def test_it_goes_on_at_the_position_of_every_entry(tmp_path):
    for number in range(5):
        inference_log.append(tmp_path, inference(str(number)))
    inference_log.feedback(tmp_path, "last", "good")
    whole = list(inference_log.follow(tmp_path, {}))
    assert asked(whole) == ["0", "1", "2", "3", "4", "feedback"]
    for number, (_, position) in enumerate(whole, start=1):
        assert asked(inference_log.follow(tmp_path, position)) == asked(whole)[number:]
    inference_log.append(tmp_path, inference("5"))
    assert asked(inference_log.follow(tmp_path, whole[-1][1])) == ["5"]


def test_days_and_files_of_sql_are_merged_by_time(tmp_path):
    for day in (2, 1, 3):
        moment = f"2026-11-0{day}T10:00:00.000000"
        inference_log.append(tmp_path, inference(f"day {day}", created_at=moment))
    for day, name in ((1, "z"), (2, "a")):
        line = {"inference_id": name, "created_at": f"2026-11-0{day} 11:00:00", "query_text": name}
        (tmp_path / f"sql-{name}.json").write_text(json.dumps(line) + "\n")
    found = list(inference_log.follow(tmp_path, {}))
    assert asked(found) == ["day 1", "z", "day 2", "a", "day 3"]
    assert set(found[-1][1]) == {path.name for path in tmp_path.glob("*.json*")}
    (tmp_path / "sql-z.json").unlink()
    inference_log.append(tmp_path, inference("more", created_at="2026-11-04T00:00:00.000000"))
    ((_, position),) = inference_log.follow(tmp_path, found[-1][1])
    assert "sql-z.json" not in position


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_line_that_is_being_written_is_left_for_the_next_time(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("follow")
    written = b"".join(
        json.dumps({"inference_id": str(n), "query_text": "é" * n}, ensure_ascii=False).encode()
        + b"\n"
        for n in range(8)
    )
    file = folder / "2026-11-01.jsonl"
    file.write_bytes(b"")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=6)))
    position: dict[str, int] = {}
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(written)], strict=True):
        with file.open("ab") as writer:
            writer.write(written[start:end])
        more = list(inference_log.follow(folder, position))
        found += [entry["inference_id"] for entry, _ in more]
        position = more[-1][1] if more else position
    assert found == [str(n) for n in range(8)]


def test_lines_longer_than_what_is_read_at_a_time(tmp_path):
    for number in range(3):
        inference_log.append(tmp_path, inference(f"{number}" + "x" * 1_500_000))
    found = list(inference_log.follow(tmp_path, {}))
    assert [entry["query_text"][0] for entry, _ in found] == ["0", "1", "2"]
    assert asked(inference_log.follow(tmp_path, found[1][1])) == asked(found)[2:]


def test_a_file_that_became_shorter_is_another_one(tmp_path):
    inference_log.append(tmp_path, inference("long " * 100))
    ((_, position),) = inference_log.follow(tmp_path, {})
    (file,) = tmp_path.glob("2*.jsonl")
    file.write_text('{"inference_id": "new", "query_text": "new"}\n')
    assert asked(inference_log.follow(tmp_path, position)) == ["new"]
