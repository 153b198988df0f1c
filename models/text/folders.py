"""Text encoders out of a folder in Hugging Face's layout: config.json, safetensors, a tokeniser.

Files alone are read; no package of theirs is needed but, for the tokeniser, `tokenizers`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

from tcsdk.models.text.transformer import ACTIVATIONS, TextConfig, TransformerText

WEIGHTS = "model.safetensors"
# Of each kind: names of ours -> theirs; "{}" is the number of a block.
_BERT = {
    "tokens": "embeddings.word_embeddings",
    "norm": "embeddings.LayerNorm",
    "blocks.{}.attention.query": "encoder.layer.{}.attention.self.query",
    "blocks.{}.attention.key": "encoder.layer.{}.attention.self.key",
    "blocks.{}.attention.value": "encoder.layer.{}.attention.self.value",
    "blocks.{}.attention.project": "encoder.layer.{}.attention.output.dense",
    "blocks.{}.norm_attention": "encoder.layer.{}.attention.output.LayerNorm",
    "blocks.{}.expand": "encoder.layer.{}.intermediate.dense",
    "blocks.{}.contract": "encoder.layer.{}.output.dense",
    "blocks.{}.norm_feed_forward": "encoder.layer.{}.output.LayerNorm",
}
_CLIP = {
    "tokens": "embeddings.token_embedding",
    "norm": "final_layer_norm",
    "blocks.{}.attention.query": "encoder.layers.{}.self_attn.q_proj",
    "blocks.{}.attention.key": "encoder.layers.{}.self_attn.k_proj",
    "blocks.{}.attention.value": "encoder.layers.{}.self_attn.v_proj",
    "blocks.{}.attention.project": "encoder.layers.{}.self_attn.out_proj",
    "blocks.{}.norm_attention": "encoder.layers.{}.layer_norm1",
    "blocks.{}.expand": "encoder.layers.{}.mlp.fc1",
    "blocks.{}.contract": "encoder.layers.{}.mlp.fc2",
    "blocks.{}.norm_feed_forward": "encoder.layers.{}.layer_norm2",
}
# Prefixes that files put before all names of the text encoder.
_PREFIXES = ("", "bert.", "text_model.")


def config_of(folder: Path) -> TextConfig:
    """Return the widths that a folder's config.json says.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is of another kind of net.
    """
    file = folder / "config.json"
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    kind = said.get("model_type")
    said = {**said, **said.get("text_config", {})}
    causal = {"bert": False, "clip": True, "clip_text_model": True}.get(str(kind))
    if causal is None or said.get("hidden_act", "gelu") not in ACTIVATIONS:
        raise ValueError(
            f"expected a BERT or a CLIP with {' or '.join(ACTIVATIONS)} in {file}, got {kind!r} "
            f"with {said.get('hidden_act')!r}"
        )
    return TextConfig(
        vocabulary=said["vocab_size"],
        places=said["max_position_embeddings"],
        channels=said["hidden_size"],
        layers=said["num_hidden_layers"],
        heads=said["num_attention_heads"],
        hidden=said["intermediate_size"],
        activation=said.get("hidden_act", "gelu"),
        epsilon=said.get("layer_norm_eps", 1e-5 if causal else 1e-12),
        causal=causal,
    )


def text_encoder_of(folder: Path, length: int) -> TransformerText:
    """Return a text encoder with the weights of a folder, in evaluation mode.

    Args:
        folder: in Hugging Face's layout.
        length: tokens of a caption at most.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: it is of another kind of net, or has fewer places.
    """
    config = config_of(folder)
    made = TransformerText(config, length)
    made.load_state_dict(_renamed(load_file(folder / WEIGHTS), config, length))
    return made.eval().requires_grad_(False)


def _renamed(theirs: Mapping[str, Tensor], config: TextConfig, length: int) -> dict[str, Tensor]:
    table = _CLIP if config.causal else _BERT
    prefix = next((p for p in _PREFIXES if f"{p}{table['tokens']}.weight" in theirs), None)
    if prefix is None:
        raise ValueError(
            f"expected {table['tokens']}.weight in {WEIGHTS}, got {sorted(theirs)[:3]}"
        )
    state: dict[str, Tensor] = {}
    for ours, names in table.items():
        for number in range(config.layers if "{}" in ours else 1):
            for part in ("weight", "bias"):
                value = theirs.get(f"{prefix}{names.format(number)}.{part}")
                if value is not None:
                    state[f"{ours.format(number)}.{part}"] = value.float()
    place = "position_embedding" if config.causal else "position_embeddings"
    places = theirs[f"{prefix}embeddings.{place}.weight"][:length].float()
    if not config.causal:  # all tokens of a caption are of the first kind
        places = places + theirs[f"{prefix}embeddings.token_type_embeddings.weight"][0].float()
    return {**state, "places": places}


def tokeniser_json(folder: Path) -> str:
    """Return a folder's tokeniser as a tokenizer.json.

    Args:
        folder: with that file, or a BERT's vocab.txt, or a CLIP's vocab.json and merges.txt.

    Raises:
        FileNotFoundError: it has none of these.
        ModuleNotFoundError: it has no tokenizer.json, and `tokenizers` is not installed.
    """
    whole = folder / "tokenizer.json"
    if whole.is_file():
        return whole.read_text(encoding="utf-8")
    from tokenizers.implementations import BertWordPieceTokenizer

    if (folder / "vocab.txt").is_file():
        return str(BertWordPieceTokenizer(str(folder / "vocab.txt")).to_str())
    return _clip_tokeniser(folder)


def _clip_tokeniser(folder: Path) -> str:
    """CLIP's byte-level BPE (Radford et al.), of its two files."""
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    files = [folder / "vocab.json", folder / "merges.txt"]
    if missing := [file.name for file in files if not file.is_file()]:
        raise FileNotFoundError(
            f"expected tokenizer.json, vocab.txt, or vocab.json and merges.txt in {folder}, found "
            f"no {missing[0]}"
        )
    vocabulary = json.loads(files[0].read_text(encoding="utf-8"))
    lines = files[1].read_text(encoding="utf-8").splitlines()
    pairs = (tuple(line.split()) for line in lines if not line.startswith("#version"))
    merges = [pair for pair in pairs if len(pair) == 2]
    begin, end = "<|startoftext|>", "<|endoftext|>"
    cutter = Tokenizer(models.BPE(vocabulary, merges, end_of_word_suffix="</w>", unk_token=end))
    cutter.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    cutter.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    cutter.decoder = decoders.ByteLevel()
    cutter.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, vocabulary[begin]), (end, vocabulary[end])],
    )
    return str(cutter.to_str())
