"""The training loop: batches in an order that the seed gives, and checkpoints that go on exactly.

Everything of step n follows from the seed and n, but for weights, the optimizer's moments and
dropout's random state. A checkpoint holds these three, as safetensors, so that a run that was
killed and goes on ends with the same weights as one that was not (on the same machine and number
of threads; PyTorch promises no more).
"""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from transformers import GPT2LMHeadModel

from hartonomous.errors import InputError

_IGNORED = -100  # cross_entropy's own default: targets that are padding


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: ``batch`` sequences of ``length`` tokens a step, for ``steps`` steps.

    The learning rate climbs to ``learning_rate`` over ``warm_up`` steps, then falls to zero along
    half a cosine.
    """

    steps: int
    batch: int
    length: int
    learning_rate: float
    warm_up: int
    weight_decay: float
    seed: int

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(self.steps - self.warm_up, 1)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class Stream:
    """Texts as one endless run of tokens, an end token before each, in a new order every epoch.

    Sequences are cut from it one after the other, so that no token is dropped or padded; most
    begin in the middle of a gloss, which is how the model learns to continue text without a word
    in front.
    """

    def __init__(self, texts: list[list[int]], end: int, seed: int) -> None:
        self._texts = [np.array([end, *text], dtype=np.int64) for text in texts]
        self._seed = seed
        self._orders: dict[int, np.ndarray] = {}
        self.tokens = sum(map(len, self._texts))

    def batch(self, step: int, batch: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets of a step, both int64 of shape (batch, length)."""
        epoch, offset = divmod(step * batch * length, self.tokens)
        wanted, parts = batch * length + 1, []
        while wanted > 0:
            part = self._epoch(epoch)[offset : offset + wanted]
            parts.append(part)
            wanted -= len(part)
            epoch, offset = epoch + 1, 0
        run = torch.from_numpy(np.concatenate(parts))
        return run[:-1].view(batch, length), run[1:].view(batch, length)

    def _epoch(self, epoch: int) -> np.ndarray:
        if epoch not in self._orders:
            order = list(range(len(self._texts)))
            random.Random(f"{self._seed} {epoch}").shuffle(order)
            kept = {e: run for e, run in self._orders.items() if e == epoch - 1}
            self._orders = {**kept, epoch: np.concatenate([self._texts[i] for i in order])}
        return self._orders[epoch]


def mean_loss(
    model: GPT2LMHeadModel, texts: list[list[int]], end: int, length: int
) -> tuple[float, int]:
    """Mean cross-entropy in nats of texts, each on its own, and of how many tokens.

    As the database scores: no token is put in front, so that the first token of a text is read and
    not scored; the end token is scored. A text longer than ``length`` is read in pieces.
    """
    rows = [
        whole[start : start + length + 1]
        for whole in ([*text, end] for text in texts)
        for start in range(0, len(whole) - 1, length)
    ]
    rows.sort(key=len)  # little padding
    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for start in range(0, len(rows), 64):
            group = rows[start : start + 64]
            ids = torch.full((len(group), max(map(len, group))), _IGNORED)
            for row, tokens in zip(ids, group, strict=True):
                row[: len(tokens)] = torch.tensor(tokens)
            # Padding stands behind a text, where a causal model's earlier tokens do not see it.
            logits = model(ids[:, :-1].clamp_min(0)).logits.float()
            targets = ids[:, 1:].reshape(-1)
            total += cross_entropy(logits.flatten(0, 1), targets, reduction="sum").item()
            count += int((targets != _IGNORED).sum())
    return total / count, count


def train(
    model: GPT2LMHeadModel,
    stream: Stream,
    schedule: Schedule,
    *,
    checkpoint: Path | None,
    save_every: int,
    fingerprint: str,
    advance: Callable[[int], None],
    report: Callable[[int, float, float], None],
) -> float:
    """Train in place.

    Args:
        model: with its initial weights; replaced by the checkpoint's where there is one.
        stream: of training tokens.
        schedule: steps, batch, learning rate.
        checkpoint: file to go on from and to write; None for none.
        save_every: steps between checkpoints and reports.
        fingerprint: of everything that the run depends on; a checkpoint of another is refused.
        advance: is told how many steps were done.
        report: is told the steps so far, the mean training loss since the last report in nats,
            and the CPU seconds of training so far.

    Returns:
        CPU seconds of training, those before a kill included: the machine may be shared.

    Raises:
        InputError: the checkpoint is of another run, or broken; or the loss is no longer finite.
    """
    optimizer = _optimizer(model, schedule)
    fingerprint = json.dumps([fingerprint, asdict(schedule)])
    done, before = 0, 0.0
    if checkpoint is not None and checkpoint.exists():
        done, before = _load(checkpoint, fingerprint, model, optimizer)
        advance(done)
    started, losses = time.process_time(), []
    model.train()
    for step in range(done, schedule.steps):
        inputs, targets = stream.batch(step, schedule.batch, schedule.length)
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(model(inputs).logits.flatten(0, 1), targets.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise InputError(
                f"the loss of step {step + 1} is {losses[-1]}: a learning rate of "
                f"{schedule.learning_rate} is too high, take a lower --learning-rate"
            )
        advance(1)
        if (step + 1) % save_every == 0 or step + 1 == schedule.steps:
            seconds = before + time.process_time() - started
            report(step + 1, sum(losses) / len(losses), seconds)
            losses.clear()
            if checkpoint is not None:
                _save(checkpoint, fingerprint, model, optimizer, step + 1, seconds)
    return before + time.process_time() - started


def _optimizer(model: GPT2LMHeadModel, schedule: Schedule) -> torch.optim.AdamW:
    """AdamW; biases and norms do not decay."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": schedule.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    # A second moment of a hundred steps: batches are small, so gradients are noisy.
    return torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=(0.9, 0.99), fused=True)


def _save(
    path: Path,
    fingerprint: str,
    model: GPT2LMHeadModel,
    optimizer: torch.optim.AdamW,
    step: int,
    seconds: float,
) -> None:
    tensors = {"random": torch.get_rng_state()}
    for name, parameter in model.named_parameters():
        tensors[f"weight {name}"] = parameter.detach()
        for moment in ("exp_avg", "exp_avg_sq"):
            tensors[f"{moment} {name}"] = optimizer.state[parameter][moment]
    about = {"step": str(step), "seconds": str(seconds), "fingerprint": fingerprint}
    partial = path.with_name(path.name + ".partial")
    save_file({k: v.contiguous() for k, v in tensors.items()}, partial, metadata=about)
    os.replace(partial, path)


def _load(
    path: Path, fingerprint: str, model: GPT2LMHeadModel, optimizer: torch.optim.AdamW
) -> tuple[int, float]:
    """Put a checkpoint into model, optimizer and random state; its step and seconds."""
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            if about.get("fingerprint") != fingerprint:
                raise InputError(
                    f"the checkpoint {path} is of a run with other data or settings: give it the "
                    "arguments of that run, or delete it, or name another file"
                )
            step, seconds = int(about["step"]), float(about["seconds"])
            with torch.no_grad():
                for name, parameter in model.named_parameters():
                    parameter.copy_(file.get_tensor(f"weight {name}"))
                    optimizer.state[parameter] = {
                        "step": torch.tensor(float(step)),
                        "exp_avg": file.get_tensor(f"exp_avg {name}"),
                        "exp_avg_sq": file.get_tensor(f"exp_avg_sq {name}"),
                    }
            torch.set_rng_state(file.get_tensor("random"))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"the checkpoint {path} is broken ({error}): delete it") from error
    return step, seconds
