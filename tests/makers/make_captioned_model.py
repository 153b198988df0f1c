"""Make tests/data/small-captioned: an encoder that is told captions, over the small model.

A caption moves all of y a little: by a number of its pieces. Without one it is the small model's
encoder. Needs the [train] extra (onnx).

    python tests/makers/make_captioned_model.py tests/data/small-captioned

Its codec lies beside it. Refuses to overwrite: tests rely on its bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, checker, helper, numpy_helper

from tcsdk.model.graphs import CAPTION_MASK, CAPTION_STATES, CAPTION_TOKENS
from tcsdk.model.manifest import write_manifest
from tcsdk.model.read import read_model_folder
from tcsdk.model.tasks import CAPTIONED, PIECES

BACKBONE, TOKENS, CHANNELS = "small-model", 4, 2
LARGEST = np.float32(4 / 4096)  # times a piece's number: what y is moved by at most, in levels


def tensor(name: str, channels: int) -> onnx.ValueInfoProto:
    """A tensor with one value per channel."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", channels, 1, 1])


def save_caption(path: Path) -> None:
    """Write the graph from tokens to states: each number twice, scaled."""
    nodes = [
        helper.make_node("Mul", [CAPTION_TOKENS, "largest"], ["scaled"]),
        helper.make_node("Mul", ["scaled", CAPTION_MASK], ["there"]),
        helper.make_node("Concat", ["there", "there"], [CAPTION_STATES], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "caption",
        [tensor(CAPTION_TOKENS, TOKENS), tensor(CAPTION_MASK, TOKENS)],
        [tensor(CAPTION_STATES, CHANNELS * TOKENS)],
        [numpy_helper.from_array(LARGEST, "largest")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def save_analysis(source: Path, path: Path) -> None:
    """Write the small model's analysis graph with the states of a caption added to y."""
    model = onnx.load(str(source))
    graph = model.graph
    (made,) = (node for node in graph.node if node.output == ["y"])
    place = list(graph.node).index(made) + 1
    made.output[0] = "y_untold"
    graph.initializer.append(numpy_helper.from_array(np.array([1]), "channels"))
    told = [
        helper.make_node("ReduceMean", [CAPTION_STATES, "channels"], ["said"]),
        helper.make_node("ReduceMax", [CAPTION_MASK, "channels"], ["any"]),
        helper.make_node("Mul", ["said", "any"], ["moved"]),
        helper.make_node("Add", ["y_untold", "moved"], ["y"]),
    ]
    for offset, node in enumerate(told):
        graph.node.insert(place + offset, node)
    graph.input.extend([tensor(CAPTION_STATES, CHANNELS * TOKENS), tensor(CAPTION_MASK, TOKENS)])
    checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def main() -> None:
    """Write the folder."""
    folder = Path(sys.argv[1])
    codec = read_model_folder(folder.parent / BACKBONE)
    folder.mkdir()  # fails where it exists: see above
    save_caption(folder / "caption.onnx")
    save_analysis(codec.path / "analysis.onnx", folder / "analysis.onnx")
    files = ["caption.onnx", "analysis.onnx"]
    row = {"caption": files[0], "analysis": files[1], "files": files}
    fields = {
        "task": CAPTIONED,
        "family": "small-captioned",
        "licence": "Apache-2.0",
        "backbone": BACKBONE,
        "backbone_bundle": codec.sha256["entropy.tcsb"],
        "tokeniser": PIECES,
        "tokens": TOKENS,
        "channels": CHANNELS,
        "default_precision": {"cpu": "fp32"},
        "precisions": {"fp32": row, "int8": row},
    }
    write_manifest(folder, fields, files)


if __name__ == "__main__":
    main()
