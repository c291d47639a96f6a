"""Around the tokens of a text: template tokens, added tokens, and the way back to text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .tokenizer_definition import Part, Unsupported, flattened, part, part_type
from .tokenizer_library import spells_normalized


def template(definition: Part) -> tuple[list[int], list[int]]:
    """Ids that the post-processor puts before and after the tokens of a single text.

    Raises:
        Unsupported: it does something else.
    """
    before: list[int] = []
    after: list[int] = []
    for processor in flattened(part(definition, "post_processor"), "processors"):
        kind = part_type(processor)
        if kind in {"BertProcessing", "RobertaProcessing"}:
            first, last = [_second(processor, "cls")], [_second(processor, "sep")]
        elif kind == "TemplateProcessing":
            first, last = _template_processing(processor)
        elif kind == "ByteLevel":
            continue
        else:
            raise Unsupported(f"its post_processor {kind}")
        before, after = first + before, after + last
    return before, after


def _second(processor: Part, name: str) -> int:
    pair = processor.get(name)
    if isinstance(pair, list) and len(pair) == 2 and type(pair[1]) is int:
        return pair[1]
    raise Unsupported(f"its post_processor {part_type(processor)}, whose {name} has no id")


def _template_processing(processor: Part) -> tuple[list[int], list[int]]:
    sides: tuple[list[int], list[int]] = ([], [])
    texts = 0
    try:
        for piece in processor["single"]:
            if "Sequence" in piece:
                texts += piece["Sequence"]["id"] == "A"
                continue
            ids = processor["special_tokens"][piece["SpecialToken"]["id"]]["ids"]
            sides[min(texts, 1)].extend(int(identity) for identity in ids)
    except (KeyError, TypeError, ValueError) as error:
        raise Unsupported("its post_processor TemplateProcessing, which is not whole") from error
    if texts != 1:
        raise Unsupported(f"its post_processor TemplateProcessing, with {texts} places for a text")
    return sides


def added_tokens(
    definition: Part, vocabulary: dict[str, int], normalize: Callable[[str], str]
) -> list[Part]:
    """Rows of `tokenizer_added_tokens`, but for the tokenizer.

    `pattern` is what is looked for: in the text as it is, or, where the token `is_normalized`, in
    the normalized text, the content normalized like it. `spelled` is what the token becomes when
    tokens become text.

    Raises:
        Unsupported: the reference would give a token another id than the file says.
    """
    rows: list[Part] = []
    ids: dict[str, int] = {}
    for entry in definition.get("added_tokens") or []:
        content = entry["content"]
        if not content or content in ids:  # of two with one content the first stands
            continue
        _check_id(entry, ids, vocabulary)
        ids[content] = entry["id"]
        normalized = bool(entry.get("normalized", not entry.get("special", False)))
        pattern = normalize(content) if normalized else content
        if "\0" in pattern:
            raise Unsupported(f"its added token {content[:40]!r}, with a NUL in it")
        if not pattern:
            raise Unsupported(f"its added token {content[:40]!r}, of which nothing is left")
        rows.append(
            {
                "token_id": entry["id"],
                "content": content,
                "pattern": pattern,
                "spelled": pattern if normalized and spells_normalized() else content,
                "is_single_word": bool(entry.get("single_word")),
                "strips_left": bool(entry.get("lstrip")),
                "strips_right": bool(entry.get("rstrip")),
                "is_normalized": normalized,
                "is_special": bool(entry.get("special")),
                "is_in_vocabulary": content in vocabulary,
            }
        )
    return rows


def _check_id(entry: Part, ids: dict[str, int], vocabulary: dict[str, int]) -> None:
    """The reference does not take an added token's id from the file, it counts."""
    content = entry["content"]
    if content in vocabulary:
        expected = vocabulary[content]
    else:
        expected = max([len(vocabulary) - 1, *ids.values()]) + 1
        if expected in vocabulary.values():
            raise Unsupported(f"its added token {content[:40]!r}, whose id is another token's")
    if expected != entry["id"]:
        raise Unsupported(
            f"its added token {content[:40]!r} with the id {entry['id']}, to which the tokenizers "
            f"library gives {expected}"
        )


def decoder(definition: Part) -> Part:
    """How tokens become text again: {"decoder": ...}, with `decoder_refusal` where SQL cannot."""
    try:
        steps = flattened(part(definition, "decoder"), "decoders")
        kinds = [part_type(step) for step in steps]
        if not kinds:
            return {"decoder": "spaces"}
        if kinds == ["WordPiece"]:
            prefix = steps[0].get("prefix", "##")
            if not isinstance(prefix, str):
                raise Unsupported("its decoder, whose prefix is no text")
            return {
                "decoder": "wordpiece",
                "decoder_prefix": prefix,
                "decoder_cleanup": bool(steps[0].get("cleanup", True)),
            }
        if kinds == ["ByteLevel"]:
            return {"decoder": "byte_level"}
        raise Unsupported(f"its decoder {', '.join(kinds)}")
    except Unsupported as refusal:
        return {"decoder": "unsupported", "decoder_refusal": str(refusal)}


def truncation(definition: Part) -> Any:
    """The length that the file itself cuts texts to; None where it names none."""
    value = definition.get("truncation")
    length = value.get("max_length") if isinstance(value, dict) else None
    return length if type(length) is int and length >= 0 else None
