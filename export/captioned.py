"""Model folders of encoders that are told what a picture shows: graphs and weights of their own.

What decodes stays where it is: the folder names the codec beside it, whose streams it makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import cast

from tcsdk.export.folder import MEANS_FILE, whole_folder
from tcsdk.export.graphs.caption_graphs import text_encoder
from tcsdk.export.graphs.float_graphs import MEANS, round_weights
from tcsdk.export.graphs.precisions import write_float, write_integers
from tcsdk.export.graphs.roles import told_roles_of
from tcsdk.export.graphs.storage import Blob, int8_weights
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import ANALYSIS
from tcsdk.model.manifest import write_manifest
from tcsdk.model.read import read_model_folder
from tcsdk.model.tasks import CAPTIONED, PIECES
from tcsdk.models.codecs.caption_encoder import TEXT_ENCODERS
from tcsdk.models.codecs.told import ToldCodec
from tcsdk.models.families import CaptionedFamily
from tcsdk.models.registry import codec_of
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.weights import WEIGHTS, digest_of, load_origin, load_weights, save_weights

# What the encoder has of its own; all else is the codec's.
OWN = ("g_a.", "h_a.", "detector.", "adapter.", "captions.")


def backbone_of(target: Path, name: str) -> CodecFolder:
    """Return the codec that lies beside a folder.

    Raises:
        ModelFileError: there is none.
        ValueError: it is no codec that decodes by itself.
    """
    codec = read_model_folder(target.resolve().parent / name)
    decodes = isinstance(codec, CodecFolder) and not isinstance(codec, CaptionedCodec)
    if not decodes or cast("CodecFolder", codec).drawing:
        raise ValueError(f"expected a codec that decodes at {codec.path}, got {codec.family}")
    return cast("CodecFolder", codec)


def captioned_codec(path: Path, codec: CodecFolder) -> ToldCodec:
    """Return a captioned net over a codec, in evaluation mode, its means on their int8 grid.

    Args:
        path: the weights of a training, or of such a model folder.
        codec: that decodes its streams.

    Raises:
        FileNotFoundError: there are no weights.
        ValueError: they are not of a captioned net over this codec.
    """
    weights, net = load_weights(path), load_origin(path).net
    own = {name: value for name, value in weights.items() if name.startswith(OWN)}
    rest = {name: value for name, value in weights.items() if name not in own}
    theirs = {n: v for n, v in load_weights(codec.path).items() if not n.startswith(OWN)}
    if rest and digest_of(rest) != digest_of(theirs):
        raise ValueError(
            f"expected the weights of {codec.family} in all that a decoder has, got others: train "
            f"with --init {codec.path} and a recipe that leaves them as they are"
        )
    made = codec_of({**theirs, **own}, net)
    if not isinstance(made, ToldCodec):
        raise ValueError(f"expected the weights of a net with a text adapter, got a {net}'s")
    text_encoder(made)
    round_weights(made.means)
    return made


def write_captioned(
    path: Path,
    name: str,
    row: CaptionedFamily,
    target: Path,
    quantised: Mapping[str, Quantised] = MappingProxyType({}),
    text: Path | None = None,
) -> None:
    """Write the folder of an encoder that is told what a picture shows.

    Args:
        path: the weights of a captioned net, or such a folder.
        name: of the family.
        row: of it.
        target: folder to write; an older one there is replaced. Its codec lies beside it.
        quantised: integer forms of the net by precision id.
        text: folder of the text encoder that others trained, where the net has one.

    Raises:
        ValueError: there is no such folder though it is needed, or the weights are not over the
            codec beside it.
    """
    codec = backbone_of(target, row.backbone)
    net = captioned_codec(path, codec)
    values = {n: v for n, v in net.state_dict().items() if n.startswith(OWN)}
    halves = {name: value.half().contiguous().numpy() for name, value in values.items()}
    with whole_folder(target) as folder:
        tokeniser = _tokeniser(net, text, folder)
        save_weights(folder / WEIGHTS, values, load_origin(path))
        roles = told_roles_of(net)
        graphs = {role: row.export(net) for role, row in roles.items()}
        means = Blob(MEANS_FILE)
        int8_weights(graphs[ANALYSIS], means, (MEANS,))
        if means.size:  # of a net with a context, other graphs predict
            means.write(folder)
        rows = {"fp32": write_float(folder, graphs, halves, WEIGHTS)}
        modules = {role: row.module for role, row in roles.items()}
        for form, integers in quantised.items():
            own = _own(integers)
            rows[form] = write_integers(folder, form, graphs, modules, net, own, halves)
        for entry in rows.values():
            entry["files"] = [*entry["files"], *([MEANS_FILE] if means.size else [])]
        encoder = text_encoder(net)
        fields: dict[str, object] = {
            "task": CAPTIONED,
            "family": name,
            "licence": "Apache-2.0",
            "backbone": row.backbone,
            "backbone_bundle": codec.sha256[codec.bundle_file],
            **tokeniser,
            "tokens": encoder.length,
            "channels": encoder.channels,
            "default_precision": {
                "cpu": next((form for form in rows if form != "fp32"), "fp32"),
                "cuda": "fp32",
            },
            "checkpoint": digest_of(values).hex(),
            "precisions": rows,
        }
        write_manifest(folder, fields, sorted(file.name for file in folder.iterdir()))


def _tokeniser(net: ToldCodec, text: Path | None, folder: Path) -> dict[str, str]:
    """What the manifest says of the tokeniser, whose file is written if it has one."""
    trained = TEXT_ENCODERS[net.config.text].trained
    if trained is None:
        return {"tokeniser": PIECES}
    if text is None:
        raise ValueError(
            f"expected the folder of the text encoder {net.config.text!r}, for its tokeniser, got "
            "none: name it with --text"
        )
    own, theirs = text_encoder(net), trained.encoder(text, net.config.caption_tokens)
    if own.largest != theirs.largest:
        raise ValueError(
            f"expected the folder of the text encoder that this one comes from, with {own.largest} "
            f"numbers of tokens, got one with {theirs.largest}: {text}"
        )
    (folder / trained.file).write_text(trained.written(text), encoding="utf-8")
    return {"tokeniser": trained.tokeniser, "vocabulary": trained.file}


def _own(quantised: Quantised) -> Quantised:
    """The same with integers for what the encoder has of its own alone."""
    weights = {name: w for name, w in quantised.weights.items() if name.startswith(OWN)}
    others = {n: w.dequantise() for n, w in quantised.weights.items() if n not in weights}
    return replace(quantised, weights=weights, rest={**quantised.rest, **others})
