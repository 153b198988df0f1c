"""Text encoders of random weights in Hugging Face's layout: a BERT and a CLIP, some kilobytes."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

CHANNELS, LAYERS, HEADS, HIDDEN, PLACES = 16, 2, 4, 24, 12
WORDS = ("a", "red", "sign", "##s", "water", "meter", "shows")


def _linear(name: str, given: int, taken: int) -> dict[str, torch.Tensor]:
    return {
        f"{name}.weight": torch.randn(given, taken) * 0.2,
        f"{name}.bias": torch.randn(given) * 0.1,
    }


def _norm(name: str) -> dict[str, torch.Tensor]:
    return {
        f"{name}.weight": 1 + torch.randn(CHANNELS) * 0.1,
        f"{name}.bias": torch.randn(CHANNELS),
    }


def bert_folder(folder: Path, prefix: str = "") -> Path:
    """Write a BERT with a vocabulary of words."""
    folder.mkdir()
    torch.manual_seed(5)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    c = CHANNELS
    state = {
        "embeddings.word_embeddings.weight": torch.randn(len(vocabulary), c),
        "embeddings.position_embeddings.weight": torch.randn(PLACES, c),
        "embeddings.token_type_embeddings.weight": torch.randn(2, c),
        "embeddings.position_ids": torch.arange(PLACES)[None],
        **_norm("embeddings.LayerNorm"),
        **_linear("pooler.dense", c, c),
    }
    for n in range(LAYERS):
        block = f"encoder.layer.{n}"
        for part in ("query", "key", "value"):
            state |= _linear(f"{block}.attention.self.{part}", c, c)
        state |= _linear(f"{block}.attention.output.dense", c, c)
        state |= _norm(f"{block}.attention.output.LayerNorm")
        state |= _linear(f"{block}.intermediate.dense", HIDDEN, c)
        state |= _linear(f"{block}.output.dense", c, HIDDEN)
        state |= _norm(f"{block}.output.LayerNorm")
    save_file({prefix + name: v for name, v in state.items()}, folder / "model.safetensors")
    config = {
        "model_type": "bert",
        "hidden_size": c,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": HIDDEN,
        "vocab_size": len(vocabulary),
        "max_position_embeddings": PLACES,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def clip_folder(folder: Path) -> Path:
    """Write a CLIP, its picture half left out, with a byte-level vocabulary of some merges."""
    folder.mkdir()
    torch.manual_seed(6)
    signs = [*"abcdefghijklmnopqrstuvwxyz0123456789,."]
    merges = ["s i", "si g", "sig n</w>", "r e", "re d</w>"]
    made = [merge.replace(" ", "") for merge in merges]
    tokens = [*signs, *(f"{sign}</w>" for sign in signs), *made]
    vocabulary = {t: n for n, t in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]), encoding="utf-8")
    c = CHANNELS
    state = {
        "text_model.embeddings.token_embedding.weight": torch.randn(len(vocabulary), c),
        "text_model.embeddings.position_embedding.weight": torch.randn(PLACES, c),
        "text_projection.weight": torch.randn(c, c),
        "vision_model.embeddings.class_embedding": torch.randn(c),
        **_norm("text_model.final_layer_norm"),
    }
    for n in range(LAYERS):
        block = f"text_model.encoder.layers.{n}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            state |= _linear(f"{block}.self_attn.{part}", c, c)
        state |= _norm(f"{block}.layer_norm1") | _norm(f"{block}.layer_norm2")
        state |= _linear(f"{block}.mlp.fc1", HIDDEN, c) | _linear(f"{block}.mlp.fc2", c, HIDDEN)
    save_file(state, folder / "model.safetensors")
    text = {
        "hidden_size": c,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": HIDDEN,
        "vocab_size": len(vocabulary),
        "max_position_embeddings": PLACES,
        "hidden_act": "quick_gelu",
    }
    config = {"model_type": "clip", "text_config": text}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder
