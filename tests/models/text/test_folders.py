"""Text encoders of a user's folder compute what torch's own layers do with the same weights."""

import json

import pytest
import torch
from safetensors.torch import load_file
from support.text_folders import CHANNELS, HEADS, HIDDEN, LAYERS, bert_folder, clip_folder
from torch import nn

from checks import check_rejects
from tcsdk.models.text.folders import text_encoder_of, tokeniser_json
from tcsdk.models.text.transformer import CLIP, MINILM, TransformerText, quick_gelu

pytestmark = pytest.mark.train
LENGTH = 10
IDS = [2, 5, 6, 7, 3]  # of a caption, the marks of beginning and end included


def numbers(ids=IDS):
    made = torch.zeros(1, LENGTH, dtype=torch.int64)
    made[0, : len(ids)] = torch.tensor(ids) + 1
    return made


def reference(state, blocks, names, first, activation):
    """torch.nn.TransformerEncoderLayer with the weights of a file's blocks."""
    layers = []
    for n in range(LAYERS):
        layer = nn.TransformerEncoderLayer(
            CHANNELS, HEADS, HIDDEN, 0.0, activation, 1e-5 if first else 1e-12, True, first
        ).eval()
        at = {ours: f"{blocks}.{n}.{theirs}" for ours, theirs in names.items()}
        asked = [at[part] for part in ("q", "k", "v")]
        with torch.no_grad():
            for kind in ("weight", "bias"):
                joined = torch.cat([state[f"{name}.{kind}"] for name in asked])
                getattr(layer.self_attn, f"in_proj_{kind}").copy_(joined)
                for part in ("self_attn.out_proj", "norm1", "norm2", "linear1", "linear2"):
                    target = getattr(layer.get_submodule(part), kind)
                    target.copy_(state[f"{at[part]}.{kind}"])
        layers.append(layer)
    return layers


BERT_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}
CLIP_NAMES = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "self_attn.out_proj": "self_attn.out_proj",
    "norm1": "layer_norm1",
    "linear1": "mlp.fc1",
    "linear2": "mlp.fc2",
    "norm2": "layer_norm2",
}


def normalised(x, state, name, eps):
    return nn.functional.layer_norm(
        x, (CHANNELS,), state[f"{name}.weight"], state[f"{name}.bias"], eps
    )


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_a_bert_of_a_folder_is_torchs(tmp_path, prefix):
    folder = bert_folder(tmp_path / "bert", prefix)
    state = {k.removeprefix(prefix): v for k, v in load_file(folder / "model.safetensors").items()}
    with torch.no_grad():
        x = state["embeddings.word_embeddings.weight"][torch.tensor(IDS)]
        x = x + state["embeddings.position_embeddings.weight"][: len(IDS)]
        x = x + state["embeddings.token_type_embeddings.weight"][0]
        x = normalised(x, state, "embeddings.LayerNorm", 1e-12)[None]
        for layer in reference(state, "encoder.layer", BERT_NAMES, False, "gelu"):
            x = layer(x)
        caption = text_encoder_of(folder, LENGTH)(numbers())
    assert torch.allclose(caption.tokens[:, : len(IDS)], x, atol=1e-5)
    assert caption.mask.tolist() == [[1.0] * len(IDS) + [0.0] * (LENGTH - len(IDS))]


def test_a_clip_of_a_folder_is_torchs(tmp_path):
    folder = clip_folder(tmp_path / "clip")
    state = load_file(folder / "model.safetensors")
    count = len(IDS)
    with torch.no_grad():
        x = state["text_model.embeddings.token_embedding.weight"][torch.tensor(IDS)]
        x = (x + state["text_model.embeddings.position_embedding.weight"][:count])[None]
        hidden = torch.full((count, count), -torch.inf).triu(1)
        for layer in reference(state, "text_model.encoder.layers", CLIP_NAMES, True, quick_gelu):
            x = layer(x, hidden)
        x = normalised(x, state, "text_model.final_layer_norm", 1e-5)
        caption = text_encoder_of(folder, LENGTH)(numbers())
    assert torch.allclose(caption.tokens[:, :count], x, atol=1e-5)


def test_published_sizes():
    """What the two are in their papers and cards, without the parts that are not run."""
    minilm, pooler, kinds = TransformerText(MINILM, 512), 384 * 384 + 384, 2 * 384
    assert sum(p.numel() for p in minilm.parameters()) == 22_713_216 - pooler - kinds
    clip = TransformerText(CLIP, 77)
    assert sum(p.numel() for p in clip.parameters()) == 63_165_952


def test_more_tokens_than_places_are_refused(tmp_path):
    folder = bert_folder(tmp_path / "bert")
    check_rejects(lambda: text_encoder_of(folder, 13), ValueError, "at most 12 tokens", "13")


def test_other_nets_are_refused(tmp_path):
    folder = bert_folder(tmp_path / "bert")
    config = json.loads((folder / "config.json").read_text())
    for changed in ({"model_type": "gpt2"}, {"hidden_act": "swish"}):
        (folder / "config.json").write_text(json.dumps(config | changed))
        check_rejects(lambda: text_encoder_of(folder, 8), ValueError, "a BERT or a CLIP")
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "clip_text_model"}))
    check_rejects(lambda: text_encoder_of(folder, 8), ValueError, "token_embedding")


def test_a_missing_file_says_so(tmp_path):
    folder = bert_folder(tmp_path / "bert")
    (folder / "vocab.txt").unlink()
    check_rejects(lambda: tokeniser_json(folder), FileNotFoundError, "tokenizer.json, vocab.txt")
    (folder / "model.safetensors").unlink()
    check_rejects(lambda: text_encoder_of(folder, 8), FileNotFoundError, "model.safetensors")


def test_tokenisers_of_old_files_cut_as_their_nets_do(tmp_path):
    tokenizers = pytest.importorskip("tokenizers", reason="needs the [caption] extra")
    bert = tokenizers.Tokenizer.from_str(tokeniser_json(bert_folder(tmp_path / "bert")))
    assert bert.encode("A red SIGNS").tokens == ["[CLS]", "a", "red", "sign", "##s", "[SEP]"]
    clip = tokenizers.Tokenizer.from_str(tokeniser_json(clip_folder(tmp_path / "clip")))
    assert clip.encode("Red  sign 7").tokens == [
        "<|startoftext|>",
        "red</w>",
        "sign</w>",
        "7</w>",
        "<|endoftext|>",
    ]
