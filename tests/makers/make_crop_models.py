"""Make model folders of tests/data that take crops: a kilobyte each, for tests without torch.

    python tests/makers/make_crop_models.py tests/data

`small-words` reads a word off its greys: 25 columns of 5 pixels, each of 20 times the digit that it
says; 220 ends the word. `small-resolution` doubles each pixel, and halves the brightness of what
is set straight. Needs the [train] extra (onnx).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

from tcsdk.model.graphs import (
    CHARACTER_LOGITS,
    CLASS_BIAS,
    LARGE_CROPS,
    RECOGNITION,
    SMALL_CROPS,
    STRAIGHTENING,
    SUPER_RESOLUTION,
    WORD_PIXELS,
)
from tcsdk.model.grids import CROP_SIZE, LARGE_CROP_SIZE, WORD_SIZE
from tcsdk.model.manifest import write_manifest
from tcsdk.model.tasks import WORDS

DIGITS = "0123456789"
CLASSES, PLACES, COLUMN, STEP = len(DIGITS) + 2, 25, 5, 20
FILE = "graph.onnx"


def constant(name, value):
    """An initializer."""
    return numpy_helper.from_array(np.asarray(value), name)


def words():
    """The graph that reads greys."""
    classes = np.arange(CLASSES, dtype=np.float32).reshape(1, -1, 1, 1)
    constants = [
        constant("first", np.array([0], np.int64)),
        constant("behind", np.array([PLACES * COLUMN], np.int64)),
        constant("axis", np.array([3], np.int64)),
        constant("shape", np.array([0, 3 * WORD_SIZE[0], PLACES, COLUMN], np.int64)),
        constant("all", np.array([1, 3], np.int64)),
        constant("unit", np.float32(255 / STEP)),
        constant("row", np.array([0, 1, 1, PLACES], np.int64)),
        constant("classes", classes),
    ]
    nodes = [
        helper.make_node("Slice", [WORD_PIXELS, "first", "behind", "axis"], ["columns"]),
        helper.make_node("Reshape", ["columns", "shape"], ["places"]),
        helper.make_node("ReduceMean", ["places", "all"], ["grey"], keepdims=0),
        helper.make_node("Mul", ["grey", "unit"], ["said"]),
        helper.make_node("Reshape", ["said", "row"], ["each"]),
        helper.make_node("Sub", ["each", "classes"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["square"]),
        helper.make_node("Neg", ["square"], ["logits"]),
        helper.make_node("Add", ["logits", CLASS_BIAS], [CHARACTER_LOGITS]),
    ]
    inputs = {WORD_PIXELS: ["n", 3, *WORD_SIZE], CLASS_BIAS: ["n", CLASSES, 1, 1]}
    return graph(nodes, constants, inputs, {CHARACTER_LOGITS: ["n", CLASSES, 1, PLACES]})


def resolution():
    """The graph that doubles pixels."""
    constants = [
        constant("twice", np.array([1, 1, 2, 2], np.float32)),
        constant("half", np.float32(0.5)),
        constant("one", np.float32(1)),
    ]
    nodes = [
        helper.make_node(
            "Resize",
            [SMALL_CROPS, "", "twice"],
            ["doubled"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        helper.make_node("Mul", [STRAIGHTENING, "half"], ["less"]),
        helper.make_node("Sub", ["one", "less"], ["light"]),
        helper.make_node("Mul", ["doubled", "light"], [LARGE_CROPS]),
    ]
    inputs = {SMALL_CROPS: ["n", 3, *CROP_SIZE], STRAIGHTENING: ["n", 1, 1, 1]}
    return graph(nodes, constants, inputs, {LARGE_CROPS: ["n", 3, *LARGE_CROP_SIZE]})


def graph(nodes, constants, inputs, outputs):
    """A model of float32 tensors."""
    values = [
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in of.items()]
        for of in (inputs, outputs)
    ]
    made = helper.make_graph(nodes, "small", *values, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model, full_check=True)
    return model


def write(folder, model, task, **fields):
    """Write a model folder; refuses to replace one."""
    folder.mkdir()
    save(model, str(folder / FILE))
    common = {
        "task": task,
        "family": folder.name,
        "licence": "Apache-2.0",
        "default_precision": {"cpu": "fp32"},
        "precisions": {"fp32": {task: FILE, "files": [FILE]}},
    }
    write_manifest(folder, {**common, **fields}, [FILE])


def main() -> None:
    """Write both."""
    place = Path(sys.argv[1])
    write(place / "small-words", words(), RECOGNITION, characters=DIGITS, reads=WORDS)
    write(place / "small-resolution", resolution(), SUPER_RESOLUTION)


if __name__ == "__main__":
    main()
