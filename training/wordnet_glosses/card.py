"""The model card, written from the figures of the run that made the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CONTINUED = (
    "piano: a",
    "a bird that",
    "volcano:",
    "sad: feeling",
    "baker: someone who",
    "run: move",
    "the capital of",
    "quickly: in a",
)
"""What the card's samples begin with."""

_CARD = Path(__file__).with_name("card.md")


def model_card(figures: dict[str, Any]) -> str:
    """README.md of the model's folder.

    Args:
        figures: what train.py writes to training.json.
    """
    settings, data, losses = figures["training"]["settings"], figures["data"], figures["loss"]
    threads = settings["threads"]
    names = {"held_out": "held out", "training": "training"}
    return _CARD.read_text(encoding="utf-8").format(
        **{k: settings[k] for k in ("layers", "width", "heads", "positions", "steps", "batch")},
        **{k: settings[k] for k in ("learning_rate", "warm_up")},
        **{k: data[k] for k in ("synsets", "sha256", "training_texts", "training_tokens")},
        parameters=figures["model"]["parameters"],
        vocabulary=figures["model"]["vocabulary"],
        megabytes=figures["model"]["bytes"] / 1e6,
        changed=", ".join(f"{count:,} {what}" for what, count in data["changed"].items()),
        held_texts=data["held_out_texts"],
        share=settings["held_out"],
        epochs=figures["training"]["epochs"],
        minutes=figures["training"]["cpu_minutes"],
        threads="one CPU thread" if threads == 1 else f"{threads} CPU threads",
        command=figures["training"]["command"],
        losses="\n".join(
            f"| {names[name]} | {row['tokens']:,} | {row['nats']:.4f} | {row['perplexity']:.2f} "
            f"| {row['bits_per_byte']:.3f} |"
            for name, row in losses.items()
        ),
        samples="\n".join(
            f"- **{sample['prompt']}**{_shown(sample['continuation'])}"
            for sample in figures["samples"]
        ),
    )


def _shown(text: str) -> str:
    """A continuation in Markdown: one line, nothing of it taken for markup."""
    return "".join("\\" + c if c in "\\`*_<>[]|" else c for c in text.replace("\n", " "))
