"""Model folders of recognisers: weights in, one graph per precision and the manifest out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from tcsdk.engines import select_engine
from tcsdk.export.folder import whole_folder
from tcsdk.export.graphs.line_graph import export_lines
from tcsdk.export.graphs.precisions import Row, write_float, write_integers
from tcsdk.export.verify import Difference
from tcsdk.model.folder import read_model_folder
from tcsdk.model.graphs import CLASS_LOGITS, LINE_PIXELS, RECOGNITION
from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.model.manifest import write_manifest
from tcsdk.models.recognition.reader import COLUMN
from tcsdk.models.registry import READER_FAMILIES, reader_of
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.weights import WEIGHTS, digest_of, load_origin, load_weights, save_weights


def write_recogniser(
    source: Path, family: str, target: Path, quantised: Mapping[str, Quantised]
) -> None:
    """Write a recogniser's model folder with its FP32 form and integer ones.

    Args:
        source: `weights.safetensors`, or a folder that holds it.
        family: name of the model.
        target: folder to write; an older one there is replaced, its card kept.
        quantised: integer forms by precision id.

    Raises:
        FileNotFoundError: there are no weights.
        ValueError: they are none of our readers'.
    """
    weights, origin = load_weights(source), load_origin(source)
    net = reader_of(weights, origin.net)
    values = {name: value.half().contiguous().numpy() for name, value in weights.items()}
    row = next(row for row in READER_FAMILIES.values() if row.net == origin.net)
    graphs = {RECOGNITION: export_lines(net)}
    with whole_folder(target) as folder:
        save_weights(folder / WEIGHTS, weights, origin)
        rows: dict[str, Row] = {"fp32": write_float(folder, graphs, values, WEIGHTS)}
        modules = {RECOGNITION: lambda module: module}
        for name, form in quantised.items():
            rows[name] = write_integers(folder, name, graphs, modules, net, form)
        fields = {
            "task": RECOGNITION,
            "family": family,
            "licence": "Apache-2.0",
            "characters": row.characters,
            "default_precision": {
                "cpu": next((name for name in rows if name != "fp32"), "fp32"),
                "cuda": "fp32",
            },
            "checkpoint": digest_of(weights).hex(),
            "precisions": rows,
        }
        write_manifest(folder, fields, sorted(path.name for path in folder.iterdir()))


def verify_recogniser(source: Path, folder: Path) -> list[Difference]:
    """Run each precision beside torch on random lines of two widths; compares probabilities."""
    net = reader_of(load_weights(source), load_origin(source).net)
    model, engine = read_model_folder(folder), select_engine("cpu")
    rng, found = np.random.default_rng(0), []
    for name in model.precisions:
        graph = engine.load(model.graph_file(name, RECOGNITION))
        worst = 0.0
        for lines, columns in ((1, 7), (3, 20)):
            x = rng.random((lines, 3, LINE_HEIGHT, COLUMN * columns), np.float32)
            with torch.no_grad():
                expected = net(torch.from_numpy(x)).softmax(1)
            came = torch.from_numpy(graph.run({LINE_PIXELS: x})[CLASS_LOGITS]).softmax(1)
            worst = max(worst, float((came - expected).abs().mean()))
        limit = 1e-5 if name == "fp32" else 0.01
        found.append(Difference(f"{name} classes (mean)", worst, limit, worst <= limit))
    return found
