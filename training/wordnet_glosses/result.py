"""What a run leaves: the model as it is stored, its figures, and the folder that is written."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from byte_level_bpe import END, encode, write_tokenizer
from card import CONTINUED, model_card
from loop import mean_loss
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel


def as_stored(model: GPT2LMHeadModel) -> GPT2LMHeadModel:
    """The model as it is stored: rounded to float16, so that what is measured is what is shipped.

    It computes in float32, and its configuration says gelu_new, the name that every reader of
    GPT-2 knows for the same function.
    """
    config = GPT2Config.from_dict(
        {**model.config.to_dict(), "activation_function": "gelu_new", "use_cache": True}
    )
    stored = GPT2LMHeadModel(config)
    stored.load_state_dict(model.half().float().state_dict())
    return stored.eval()


def losses_of(
    model: GPT2LMHeadModel, tokenizer: Tokenizer, training: list[str], kept: list[str]
) -> dict[str, dict[str, float]]:
    """Loss of the held-out texts, and of as many training texts, evenly spread."""
    step = max(len(training) // len(kept), 1)
    losses = {}
    for name, texts in (("held_out", kept), ("training", training[::step][: len(kept)])):
        ids = encode(tokenizer, texts)
        loss, count = mean_loss(model, ids, tokenizer.token_to_id(END), model.config.n_positions)
        scored = tokenizer.decode_batch([text[1:] for text in ids])
        size = sum(len(text.encode()) for text in scored)
        losses[name] = {
            "texts": len(texts),
            "tokens": count,
            "nats": round(loss, 4),
            "perplexity": round(math.exp(loss), 2),
            "bits_per_byte": round(loss * count / size / math.log(2), 3),
        }
    return losses


def samples_of(model: GPT2LMHeadModel, tokenizer: Tokenizer) -> list[dict[str, str]]:
    """Greedy continuations of a few prompts, to the end token or 40 tokens."""
    samples = []
    for prompt in CONTINUED:
        ids = tokenizer.encode(prompt).ids[: model.config.n_positions - 1]
        room = min(40, model.config.n_positions - len(ids))
        said = model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=room)
        text = tokenizer.decode(said[0, len(ids) :].tolist(), skip_special_tokens=True)
        samples.append({"prompt": prompt, "continuation": text})
    return samples


def write_folder(
    output: Path,
    model: GPT2LMHeadModel,
    tokenizer: Tokenizer,
    license_text: str,
    figures: dict[str, Any],
) -> None:
    """Write the folder beside its place, then move it there: a kill leaves no half of it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    try:
        tensors = {
            name: tensor.half().contiguous()
            for name, tensor in model.state_dict().items()
            if name != "lm_head.weight"  # tied: it is transformer.wte.weight
        }
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        figures["model"] = {
            "parameters": model.num_parameters(),
            "vocabulary": model.config.vocab_size,
            "bytes": (folder / "model.safetensors").stat().st_size,
        }
        model.config.dtype = "float32"  # stored in half, read into float32
        model.config.save_pretrained(folder)
        end = tokenizer.token_to_id(END)
        GenerationConfig(bos_token_id=end, eos_token_id=end, pad_token_id=end).save_pretrained(
            folder
        )
        write_tokenizer(tokenizer, folder, model.config.n_positions)
        (folder / "LICENSE.wordnet").write_text(license_text, encoding="utf-8")
        (folder / "README.md").write_text(model_card(figures), encoding="utf-8")
        report_text = json.dumps(figures, indent=2, ensure_ascii=False)
        (folder / "training.json").write_text(report_text + "\n", encoding="utf-8")
        folder.chmod(0o755)  # mkdtemp's and safetensors' modes are for their owner alone
        for file in folder.iterdir():
            file.chmod(0o644)
        os.rename(folder, output)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
