"""Make tests/data/small-packed: the small model with integer weights, in a packed file and plain.

    python tests/makers/make_packed_model.py tests/data/small-packed

Precision `w6` reads its weights from `weights.w6.tcsw`, precision `int8` the same integers from
`weights.int8.bin`, so both must give the same pictures. Channels have 5 to 8 bits. Needs the
[train] extra (onnx). Refuses to overwrite: tests rely on its bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tcsdk.export.graphs.packed import PackedTensor, write_packed
from tcsdk.model.graphs import ANALYSIS, SYNTHESIS
from tcsdk.model.manifest import read_manifest, write_manifest

MODEL = Path(__file__).parents[1] / "data" / "small-model"
PACKED, PLAIN = "weights.w6.tcsw", "weights.int8.bin"
ROLES = (ANALYSIS, SYNTHESIS)


def quantise(weight: NDArray[np.float32]) -> tuple[PackedTensor, NDArray[np.float32]]:
    """Integers of 5 to 8 bits by channel, and the (C_out,) steps."""
    bits = (5 + np.arange(len(weight)) % 4).astype(np.uint8)
    top = (2.0 ** (bits - 1) - 1)[:, None, None, None]
    step = np.abs(weight).max((1, 2, 3), keepdims=True).clip(1e-6) / top
    return PackedTensor(np.rint(weight / step).astype(np.int8), bits), step.astype(np.float32)


def refer(tensor: TensorProto, location: str, **place: int) -> None:
    """Keep the data of an initializer in another file."""
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **place}.items():
        tensor.external_data.add(key=key, value=str(value))


def main() -> None:
    """Write the folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)  # fails where it exists: see above
    tensors: dict[str, PackedTensor] = {}
    plain = b""
    for name in ROLES:
        models = {form: onnx.load(str(MODEL / f"{name}.onnx")) for form in ("w6", "int8")}
        for tensor in list(models["w6"].graph.initializer):
            if len(tensor.dims) != 4:
                continue
            packed, step = quantise(numpy_helper.to_array(tensor))
            stored, scale = f"{tensor.name}.integers", f"{tensor.name}.step"
            tensors[stored] = packed
            for form, model in models.items():
                graph = model.graph
                graph.initializer.remove(
                    next(t for t in graph.initializer if t.name == tensor.name)
                )
                integers = numpy_helper.from_array(packed.integers, stored)
                if form == "w6":
                    refer(integers, PACKED)
                else:
                    refer(integers, PLAIN, offset=len(plain), length=packed.integers.size)
                graph.initializer.append(integers)
                graph.initializer.append(numpy_helper.from_array(step.ravel(), scale))
                # As export does: ONNX Runtime wants one for each weight where int8 saturates.
                zeros = numpy_helper.from_array(np.zeros(len(step), np.int8), f"{stored}.zero")
                graph.initializer.append(zeros)
                inputs = [stored, scale, zeros.name]
                node = helper.make_node("DequantizeLinear", inputs, [tensor.name], axis=0)
                graph.node.insert(0, node)
            plain += packed.integers.tobytes()
        for form, model in models.items():
            onnx.save(model, str(folder / f"{name}.{form}.onnx"))
    write_packed(folder / PACKED, tensors)
    (folder / PLAIN).write_bytes(plain)
    (folder / "entropy.tcsb").write_bytes((MODEL / "entropy.tcsb").read_bytes())
    describe(folder)


def describe(folder: Path) -> None:
    """Write the small model's manifest with these files and precisions."""
    manifest = read_manifest(MODEL)
    manifest["family"] = "small-packed"
    manifest["default_precision"] = {"cpu": "w6"}
    manifest["precisions"] = {
        form: {
            **{name: f"{name}.{form}.onnx" for name in ROLES},
            "files": [*(f"{name}.{form}.onnx" for name in ROLES), weights, "entropy.tcsb"],
        }
        for form, weights in (("w6", PACKED), ("int8", PLAIN))
    }
    write_manifest(folder, manifest, sorted(path.name for path in folder.iterdir()))


if __name__ == "__main__":
    main()
