"""Model folders of nets that take crops: weights in, a graph per precision and the manifest out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tcsdk.engines import select_engine
from tcsdk.export.crop_nets import crop_net_of
from tcsdk.export.folder import whole_folder
from tcsdk.export.graphs.precisions import Row, write_float, write_integers
from tcsdk.export.verify import Difference
from tcsdk.model.manifest import write_manifest
from tcsdk.model.read import read_model_folder
from tcsdk.models.families import crop_family
from tcsdk.models.layers.folding import folded
from tcsdk.models.registry import crop_net
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.weights import (
    WEIGHTS,
    Origin,
    digest_of,
    load_origin,
    load_weights,
    save_weights,
)

FORMS = {"fp32": 0, "int8": 1}  # place of a form in a row's limits; others have fewer bits


@dataclass(frozen=True)
class CropWeights:
    """What ships of a trained net: normalisations folded, FP16.

    Attributes:
        values: float32 that FP16 holds, by the names of the net's state.
        net: with these.
        origin: of the training.
    """

    values: dict[str, Tensor]
    net: nn.Module
    origin: Origin


def load_crop_net(source: Path) -> CropWeights:
    """Read the weights of a training run or of a model folder.

    Args:
        source: `weights.safetensors`, or a folder that holds it.

    Raises:
        FileNotFoundError: there are none.
        ValueError: they are none of our nets' that take crops.
    """
    origin = load_origin(source)
    net = folded(crop_net(load_weights(source), origin.net))
    values = {name: value.half().float() for name, value in net.state_dict().items()}
    net.load_state_dict(values)
    return CropWeights(values, net, origin)


def write_crop_folder(
    weights: CropWeights, family: str, target: Path, quantised: Mapping[str, Quantised]
) -> None:
    """Write a model folder with its FP32 form and integer ones.

    Args:
        weights: of the net.
        family: name of the model: its family's, or one of one's own.
        target: folder to write; an older one there is replaced, its card kept.
        quantised: integer forms by precision id.

    Raises:
        ValueError: the name is another family's.
    """
    net, values = weights.net, weights.values
    crop_family(family, weights.origin.net, weights.origin.recipe)
    row = crop_net_of(net)
    graphs = {row.role: row.export(net)}
    halves = {name: value.half().contiguous().numpy() for name, value in values.items()}
    with whole_folder(target) as folder:
        save_weights(folder / WEIGHTS, values, weights.origin)
        rows: dict[str, Row] = {"fp32": write_float(folder, graphs, halves, WEIGHTS)}
        modules = {row.role: lambda module: module}
        for name, form in quantised.items():
            rows[name] = write_integers(folder, name, graphs, modules, net, form)
        fields = {
            "task": row.role,
            "family": family,
            "licence": "Apache-2.0",
            **row.fields,
            "default_precision": {
                "cpu": next((name for name in rows if name != "fp32"), "fp32"),
                "cuda": "fp32",
            },
            "checkpoint": digest_of(values).hex(),
            "precisions": rows,
        }
        write_manifest(folder, fields, sorted(path.name for path in folder.iterdir()))


def verify_crops(weights: CropWeights, folder: Path) -> list[Difference]:
    """Run each precision beside torch on random crops, alone and several; compares the means."""
    model, engine = read_model_folder(folder), select_engine("cpu")
    row, rng, found = crop_net_of(weights.net), np.random.default_rng(0), []
    for name in model.precisions:
        graph = engine.load(model.graph_file(name, row.role))
        worst = 0.0
        for count in (1, 3):
            inputs = row.inputs(count, rng)
            outputs = graph.run(inputs)
            with torch.no_grad():
                expected = row.expected(weights.net, inputs, outputs)
            worst = max(worst, float(np.abs(row.came(outputs) - expected).mean()))
        limit = row.limits[FORMS.get(name, len(FORMS))]
        found.append(Difference(f"{name} {row.role} (mean)", worst, limit, worst <= limit))
    return found
