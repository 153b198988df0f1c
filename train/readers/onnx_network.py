"""PP-OCRv6's networks as torch modules: rapidocr's ONNX files, simplified for training."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import onnx
import onnxruntime as ort
import torch
from torch import fx, nn


def model_path(name: str) -> Path:
    """An ONNX file inside the installed `rapidocr` wheel."""
    return Path(str(files("rapidocr") / "models" / name))


def import_onnx2torch() -> Callable[[onnx.ModelProto], nn.Module]:
    """onnx2torch's `convert`, importable beside a CPU torch.

    onnx2torch imports torchvision for operators that these networks lack, and torchvision has no
    CPU build on the registry: the two operators that its import looks for are declared here.
    """
    for schema in (
        "nms(Tensor d, Tensor s, float t) -> Tensor",
        "qnms(Tensor d, Tensor s, float t) -> Tensor",
    ):
        if not hasattr(torch.ops.torchvision, schema.partition("(")[0]):
            torch.library.define(
                f"torchvision::{schema.partition('(')[0]}", "(" + schema.partition("(")[2]
            )
    from onnx2torch import convert

    # Its slices index with lists, which torch 2.13 still takes as tuples.
    warnings.filterwarnings("ignore", "Using a non-tuple sequence", UserWarning)
    return convert


def explicit_padding(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace every auto_pad=SAME_UPPER by explicit pads: total k - s, the extra one at the end.

    Exact where the input side is a multiple of the stride, which holds in these networks.
    """
    for node in model.graph.node:
        attributes = {a.name: a for a in node.attribute}
        if "auto_pad" not in attributes or attributes["auto_pad"].s != b"SAME_UPPER":
            continue
        kernel = list(attributes["kernel_shape"].ints)
        stride = list(attributes["strides"].ints) if "strides" in attributes else [1] * len(kernel)
        total = [max(k - s, 0) for k, s in zip(kernel, stride, strict=True)]
        pads = [t // 2 for t in total] + [t - t // 2 for t in total]
        node.attribute.remove(attributes["auto_pad"])
        if "pads" in attributes:
            node.attribute.remove(attributes["pads"])
        node.attribute.append(onnx.helper.make_attribute("pads", pads))
    return model


def drop_last(model: onnx.ModelProto, operator: str) -> onnx.ModelProto:
    """Make the last node's input the output: losses are taken of logits."""
    last = model.graph.node[-1]
    if last.op_type != operator:
        raise ValueError(f"expected a {operator} as the network's last node, got {last.op_type}")
    model.graph.output[0].name = last.input[0]
    model.graph.node.remove(last)
    return model


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """Fold biases, factors and normalisations into convolutions (ONNX Runtime's basic level)."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3  # it warns that the file is not portable at higher levels
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        providers = ["CPUExecutionProvider"]
        ort.InferenceSession(model.SerializeToString(), options, providers=providers)
        return onnx.load(path)


def fuse_gelu(network: fx.GraphModule) -> fx.GraphModule:
    """Replace each x * (erf(x / sqrt 2) + 1) / 2, which ONNX writes as five nodes, by one GELU."""
    graph = network.graph
    for erf in [node for node in graph.nodes if node.name.startswith("erf")]:
        x = erf.args[0].args[0]
        (plus_one,) = erf.users
        (product,) = plus_one.users
        (half,) = product.users
        if x not in product.args:
            raise ValueError(f"expected {erf} to be part of a GELU of {x}, got {product.args}")
        with graph.inserting_after(half):
            half.replace_all_uses_with(graph.call_function(nn.functional.gelu, (x,)))
    graph.eliminate_dead_code()
    network.recompile()
    return network


def load_network(model: onnx.ModelProto, activation: str) -> nn.Module:
    """A frozen network without its last activation.

    Args:
        model: as rapidocr ships it; it is changed.
        activation: operator of its last node, which is dropped.

    Returns:
        The module, in channels-last memory, which with bfloat16 autocast halves its time on a CPU.
    """
    folded = fold(drop_last(explicit_padding(model), activation))
    network = fuse_gelu(import_onnx2torch()(folded)).eval().requires_grad_(False)
    return network.to(memory_format=torch.channels_last)
