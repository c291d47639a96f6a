"""Write a Llama-shaped model of a given size with random weights, from a seed.

Shapes are those of Llama 2 7B (hidden 4096, feed-forward 11008, 32,000 tokens) or of Llama 3 8B
(14336, 128,256, 8 key-value heads), with as many layers as fit. The folder can be landed.

    python benchmarks/landing/make_model.py FOLDER --gigabytes 4 --dtype BF16 --shards 2
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

SHAPES = {
    "llama-2": {"intermediate_size": 11_008, "vocab_size": 32_000, "num_key_value_heads": 32},
    "llama-3": {"intermediate_size": 14_336, "vocab_size": 128_256, "num_key_value_heads": 8},
}
HIDDEN = 4096
HEADS = 32
ITEM = {"F32": 4, "BF16": 2, "F16": 2}
BLOCK = 1 << 22


def tensor_shapes(layers: int, shape: dict[str, int]) -> dict[str, tuple[int, ...]]:
    key_value = shape["num_key_value_heads"] * HIDDEN // HEADS
    wide = shape["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (shape["vocab_size"], HIDDEN)
    }
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        shapes |= {
            prefix + "input_layernorm.weight": (HIDDEN,),
            prefix + "self_attn.q_proj.weight": (HIDDEN, HIDDEN),
            prefix + "self_attn.k_proj.weight": (key_value, HIDDEN),
            prefix + "self_attn.v_proj.weight": (key_value, HIDDEN),
            prefix + "self_attn.o_proj.weight": (HIDDEN, HIDDEN),
            prefix + "post_attention_layernorm.weight": (HIDDEN,),
            prefix + "mlp.gate_proj.weight": (wide, HIDDEN),
            prefix + "mlp.up_proj.weight": (wide, HIDDEN),
            prefix + "mlp.down_proj.weight": (HIDDEN, wide),
        }
    shapes["model.norm.weight"] = (HIDDEN,)
    shapes["lm_head.weight"] = (shape["vocab_size"], HIDDEN)
    return shapes


def size_of(shapes: dict[str, tuple[int, ...]], dtype: str) -> int:
    return sum(int(np.prod(shape)) for shape in shapes.values()) * ITEM[dtype]


def random_bytes(generator: np.random.Generator, elements: int, dtype: str) -> bytes:
    values = generator.standard_normal(elements, dtype=np.float32) * np.float32(0.02)
    if dtype == "F32":
        return values.tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    return (values.view("<u4") >> 16).astype("<u2").tobytes()


def write_shard(path: Path, shapes: dict, dtype: str, generator: np.random.Generator) -> None:
    header, position = {}, 0
    for name, shape in shapes.items():
        end = position + int(np.prod(shape)) * ITEM[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for shape in shapes.values():
            left = int(np.prod(shape))
            while left:
                count = min(left, BLOCK)
                file.write(random_bytes(generator, count, dtype))
                left -= count


def write_tokenizer(path: Path, tokens: int, generator: np.random.Generator) -> None:
    """A byte-pair tokenizer of made-up tokens, with as many merges."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words: dict[str, int] = {}
    merges = []
    while len(words) < tokens:
        word = "".join(generator.choice(letters, 8))
        if word not in words:
            words[word] = len(words)
            merges.append([word[:4], word[4:]])
    model = {"type": "BPE", "vocab": words, "merges": merges}
    path.write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--dtype", choices=ITEM, default="F32")
    parser.add_argument("--shape", choices=SHAPES, default="llama-2")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    shape, wanted = SHAPES[arguments.shape], arguments.gigabytes * 1e9

    layers = 1
    while size_of(tensor_shapes(layers + 1, shape), arguments.dtype) <= wanted:
        layers += 1
    shapes = tensor_shapes(layers, shape)
    arguments.folder.mkdir(parents=True)
    generator = np.random.Generator(np.random.SFC64(arguments.seed))
    names = list(shapes)
    weight_map = {}
    for shard in range(arguments.shards):
        part = names[
            len(names) * shard // arguments.shards : len(names) * (shard + 1) // arguments.shards
        ]
        single = "model.safetensors"
        several = f"model-{shard + 1:05}-of-{arguments.shards:05}.safetensors"
        file = single if arguments.shards == 1 else several
        weight_map |= dict.fromkeys(part, file)
        part_shapes = {name: shapes[name] for name in part}
        write_shard(arguments.folder / file, part_shapes, arguments.dtype, generator)
    if arguments.shards > 1:
        index = {"metadata": {}, "weight_map": weight_map}
        (arguments.folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "num_attention_heads": HEADS,
        "num_hidden_layers": layers,
        "tie_word_embeddings": False,
        **shape,
    }
    (arguments.folder / "config.json").write_text(json.dumps(config))
    write_tokenizer(arguments.folder / "tokenizer.json", shape["vocab_size"], generator)
    print(f"{arguments.folder}: {layers} layers, {size_of(shapes, arguments.dtype):,} bytes")


if __name__ == "__main__":
    main()
