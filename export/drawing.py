"""Model folders that draw sent text: a guided codec's checkpoint in, its fusion block out.

The codec's own weights stay where they are: the folder names the one beside it that has them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch

from tcsdk.engines import select_engine
from tcsdk.export.folder import whole_folder
from tcsdk.export.graphs.fusion_graph import FusionGraph, export_fusion
from tcsdk.export.verify import Difference, psnr
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import FUSION, GUIDANCE, X_FUSED, X_HAT
from tcsdk.model.manifest import write_manifest
from tcsdk.model.read import read_model_folder
from tcsdk.model.tasks import DRAWING
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.families import DrawingFamily
from tcsdk.models.registry import paints_frame
from tcsdk.train.render.atlas import ATLAS, write_atlas
from tcsdk.train.run.weights import (
    WEIGHTS,
    digest_of,
    load_origin,
    load_weights,
    save_weights,
)

PART = "fusion."
GRAPH = f"{FUSION}.fp32.onnx"


def fusion_of(path: Path) -> FusionBlock:
    """Return the fusion block of a guided codec's weights, or of a model folder's own.

    Raises:
        FileNotFoundError: there are no weights.
        ValueError: they are no guided codec's.
    """
    weights, net = load_weights(path), load_origin(path).net
    own = {name.removeprefix(PART): v for name, v in weights.items() if name.startswith(PART)}
    if not own:
        raise ValueError(f"expected the weights of a codec with a fusion block, got a {net}'s")
    block = FusionBlock(paints_frame(net))
    block.load_state_dict(own)
    return block.eval()


def check_backbone(path: Path, codec: CodecFolder) -> None:
    """Refuse a guided codec whose other parts are not those of a codec that ships.

    Raises:
        ValueError: they differ.
    """
    weights = load_weights(path)
    rest = {name: value for name, value in weights.items() if not name.startswith(PART)}
    if rest and digest_of(rest) != digest_of(load_weights(codec.path)):
        raise ValueError(
            f"expected the weights of {codec.family} beside the fusion block, got others: train it "
            f"with --init {codec.path}"
        )


def write_drawing(path: Path, name: str, row: DrawingFamily, target: Path) -> None:
    """Write the folder of a model that draws sent text.

    Args:
        path: the weights of a guided codec, or such a folder.
        name: of the family.
        row: of it.
        target: folder to write; an older one there is replaced. Its codec lies beside it.

    Raises:
        ValueError: the weights are not of the codec beside it.
    """
    codec = read_model_folder(target.resolve().parent / row.backbone)
    if not isinstance(codec, CodecFolder):
        raise ValueError(f"expected a codec at {codec.path}, got {codec.family}")
    check_backbone(path, codec)
    block = fusion_of(path)
    with whole_folder(target) as folder:
        values = {f"{PART}{key}": value for key, value in block.state_dict().items()}
        save_weights(folder / WEIGHTS, values, load_origin(path))
        files = [GRAPH, *write_atlas(folder)]
        onnx.save(export_fusion(block), str(folder / GRAPH))
        fields = {
            "task": DRAWING,
            "family": name,
            "licence": "Apache-2.0 AND Bitstream-Vera",
            "wire_id": row.wire_id,
            "default_quality": row.default_quality,
            "backbone": row.backbone,
            "backbone_bundle": codec.sha256[codec.bundle_file],
            "atlas": ATLAS,
            "frame": block.frame,
            "default_precision": {"cpu": "fp32", "cuda": "fp32"},
            "checkpoint": digest_of(values).hex(),
            "precisions": {"fp32": {FUSION: GRAPH, "files": files}},
        }
        write_manifest(folder, fields, sorted(file.name for file in folder.iterdir()))


def verify_drawing(folder: Path) -> list[Difference]:
    """Run the exported graph beside torch."""
    rng = np.random.default_rng(0)
    picture = rng.random((1, 3, 64, 128), np.float32)
    guidance = rng.random((1, 2, 64, 128), np.float32)
    tensors = torch.from_numpy(picture), torch.from_numpy(guidance)
    with torch.no_grad():
        expected = FusionGraph(fusion_of(folder)).eval()(*tensors).numpy()
    graph = select_engine("cpu").load(folder / GRAPH)
    value = psnr(graph.run({X_HAT: picture, GUIDANCE: guidance})[X_FUSED], expected)
    return [Difference(f"fp32 {X_FUSED} (dB)", value, 80.0, value >= 80.0)]
