"""Make the model folders of tests/data: some kilobytes each, for tests without torch.

It is a real codec of the model folder's shape: eight DCT coefficients of each 16x16 block as y, a
few averages as z, and a scale network of fixed random weights. Needs the [train] extra (onnx).

    python tests/makers/make_small_model.py tests/data/small-model
    python tests/makers/make_small_model.py tests/data/small-detector --detector
    python tests/makers/make_small_model.py tests/data/small-adaptive --detector --adaptive

The second one has another wire id and a text detector: blocks with strong coefficients are text.
The third one also asks for such blocks to be coded finer, by as many steps as they have evidence.

Refuses to overwrite: streams and tests rely on its bytes.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save

from tcsdk.export.entropy.bundle import EntropyBundle, IntegerLayer
from tcsdk.export.entropy.tables import hyper_row, residual_masses, residual_shifts, row_starts
from tcsdk.model.manifest import write_manifest
from tcsdk.model.tasks import CODEC

M, C_Z, LEVELS, QUALITIES = 8, 4, 4, 64
PRECISION = 14
RATIO = (256 / 0.11) ** (1 / 63)
WIRE_ID, DETECTOR_WIRE_ID, ADAPTIVE_WIRE_ID = 0xF0F0, 0xF0F1, 0xF0F2
# A block is text if its coefficients other than the mean add up to this.
TEXT_MAGNITUDE = 10.0
Y_SCALE = 16.0
# (luma, blue difference, red difference) from RGB, orthonormal, and which DCT of which plane is y.
OPPONENT = np.array([[1, 1, 1], [-1, -1, 2], [1, -1, 0]]) / np.sqrt([[3], [6], [2]])
COEFFICIENTS = [
    (0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 0, 2), (0, 2, 0),
]  # fmt: skip


def basis() -> NDArray[np.float32]:
    """(M, 3, 4, 4): each y channel as a pattern of 4x4 cells of 4x4 pixels, orthonormal."""
    n = np.arange(4)
    dct = np.stack([np.cos(np.pi * (n + 0.5) * k / 4) for k in range(4)])
    dct /= np.linalg.norm(dct, axis=1, keepdims=True)
    patterns = [np.einsum("c,y,x->cyx", OPPONENT[c], dct[u], dct[v]) for c, u, v in COEFFICIENTS]
    return np.stack(patterns).astype(np.float32)


def mean_weights() -> NDArray[np.float32]:
    """(M, C_z, 3, 3): the means of y from z and, a little, from its neighbours."""
    weights = np.zeros((M, C_Z, 3, 3), np.float32)
    for channel in range(C_Z):
        weights[channel, channel] = 0.02
        weights[channel, channel, 1, 1] = 0.8
    return weights


def constant(name: str, value: NDArray[np.generic]):
    """An initializer."""
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


def mean_nodes() -> list:
    """z_hat -> mu at four times its resolution, the same in both graphs."""
    return [
        helper.make_node("Mul", ["z_hat", "z_inverse_gain"], ["z"]),
        helper.make_node("Conv", ["z", "means"], ["mu_coarse"], pads=[1, 1, 1, 1]),
        helper.make_node(
            "Resize",
            ["mu_coarse", "", "four"],
            ["mu"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
    ]


def save_graph(path: Path, nodes: list, inputs: dict, outputs: dict, constants: dict) -> None:
    """Write an ONNX file of float32 tensors with the given (partly symbolic) shapes."""
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        path.stem,
        [tensor(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [tensor(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [constant(name, value) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    checker.check_model(model, full_check=True)
    save(model, path)


def detector_nodes(adaptive: bool) -> list:
    """From y to the probability that a block shows text, and how much finer it wants to be."""
    probability = "probability" if adaptive else "text"
    join = helper.make_node("Concat", [probability, "evidence"], ["text"], axis=1)
    return [
        helper.make_node("Abs", ["y"], ["magnitudes"]),
        helper.make_node("Conv", ["magnitudes", "detail", "no_text"], ["evidence"]),
        helper.make_node("Sigmoid", ["evidence"], [probability]),
        *([join] if adaptive else ()),
    ]


def save_analysis(path: Path, detector: bool, adaptive: bool) -> None:
    """Write the graph from x to z_hat and d, and text with a detector."""
    hyper = np.zeros((C_Z, M, 4, 4), np.float32)
    hyper[range(C_Z), range(C_Z)] = 1 / 16
    nodes = [
        helper.make_node("AveragePool", ["x"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["cells", "forward"], ["y"], strides=[4, 4]),
        helper.make_node("Conv", ["y", "hyper"], ["h"], strides=[4, 4]),
        helper.make_node("Mul", ["h", "z_gain"], ["h_gained"]),
        helper.make_node("Round", ["h_gained"], ["h_round"]),
        helper.make_node("Clip", ["h_round", "low", "high"], ["z_hat"]),
        *mean_nodes(),
        helper.make_node("Sub", ["y", "mu"], ["d"]),
        *(detector_nodes(adaptive) if detector else ()),
    ]
    detail = np.ones((1, M, 1, 1), np.float32)
    detail[0, :3] = 0  # the means of the three planes
    own = {"detail": detail, "no_text": np.float32([-TEXT_MAGNITUDE])} if detector else {}
    text = {"text": ["N", 1 + adaptive, "h4", "w4"]} if detector else {}
    save_graph(
        path,
        nodes,
        {"x": ["N", 3, "H", "W"], "z_gain": ["G", C_Z, 1, 1], "z_inverse_gain": ["G", C_Z, 1, 1]},
        {"z_hat": ["N", C_Z, "h", "w"], "d": ["N", M, "h4", "w4"], **text},
        {
            **own,
            "forward": basis() * Y_SCALE,
            "hyper": hyper,
            "low": np.float32(-127),
            "high": np.float32(127),
            "means": mean_weights(),
            "four": np.array([1, 1, 4, 4], np.float32),
        },
    )


def save_synthesis(path: Path) -> None:
    """Write the graph from z_hat and r to x_hat."""
    # DepthToSpace in CRD order takes channel c * 16 + y * 4 + x.
    inverse = basis().reshape(M, 48).T[:, :, None, None] / Y_SCALE
    nodes = [
        *mean_nodes(),
        helper.make_node("Mul", ["r", "inv_gain"], ["residual"]),
        helper.make_node("Add", ["residual", "mu"], ["y_hat"]),
        helper.make_node("Conv", ["y_hat", "inverse"], ["blocks"]),
        helper.make_node("DepthToSpace", ["blocks"], ["cells"], blocksize=4, mode="CRD"),
        helper.make_node("Resize", ["cells", "", "four"], ["pixels"], mode="linear"),
        helper.make_node("Clip", ["pixels", "low", "high"], ["x_hat"]),
    ]
    save_graph(
        path,
        nodes,
        {
            "z_hat": ["N", C_Z, "h", "w"],
            "r": ["N", M, "h4", "w4"],
            "inv_gain": ["G", M, "gh", "gw"],
            "z_inverse_gain": ["G", C_Z, 1, 1],
        },
        {"x_hat": ["N", 3, "H", "W"]},
        {
            "inverse": inverse.astype(np.float32),
            "low": np.float32(0),
            "high": np.float32(1),
            "means": mean_weights(),
            "four": np.array([1, 1, 4, 4], np.float32),
        },
    )


def layer(
    random: np.random.Generator,
    inputs: int,
    outputs: int,
    kernel: int,
    factor: int,
    shift: int,
    bias: int = 0,
) -> IntegerLayer:
    """A layer of random weights."""
    return IntegerLayer(
        weight=random.integers(-90, 91, (outputs, inputs, kernel, kernel), np.int8),
        bias=np.full(outputs, bias, np.int32),
        multiplier=np.ones(outputs, np.uint32),
        shift=shift,
        depth_to_space=factor,
    )


def make_bundle(wire_id: int) -> bytes:
    """The entropy bundle: 64 qualities from steps -24 to +18, four z levels."""
    random = np.random.default_rng(20)
    numbers = np.arange(-127, 128)
    z_gain = np.repeat(np.float32([[0.25], [0.5], [1.0], [1.9]]), C_Z, axis=1)
    rows = [
        [
            [
                hyper_row(
                    np.exp(-0.5 * ((numbers - shift) / (4 * 2**level * (1 + c))) ** 2),
                    -127,
                    0,
                    PRECISION,
                )
                for c in range(C_Z)
            ]
            for shift in (-2, 0, 2)
        ]
        for level in range(LEVELS)
    ]
    sigmas = 0.11 * RATIO ** np.arange(64)
    steps = np.arange(-128, 128, dtype=np.float64)
    return EntropyBundle(
        wire_id=wire_id,
        digest=hashlib.sha256(b"small model of random weights").digest(),
        precision=PRECISION,
        skip=6,
        z_level_of_quality=(np.arange(QUALITIES) * LEVELS // QUALITIES).astype(np.uint8),
        steps=np.repeat(np.arange(QUALITIES)[:, None] * 2 // 3 - 24, M, axis=1).astype(np.int8),
        gain_of_step=(RATIO**steps).astype(np.float32),
        inverse_of_step=(RATIO**-steps).astype(np.float32),
        z_gain=z_gain,
        z_inverse_gain=(1 / z_gain).astype(np.float32),
        z_centre=np.zeros((LEVELS, C_Z), np.int8),
        z_start=np.array(rows, np.uint16),
        r_shift=residual_shifts(sigmas),
        r_start=row_starts(residual_masses(sigmas), PRECISION),
        z_multiplier=np.round(64 / z_gain).astype(np.uint32),
        z_shift=1,
        layers=(
            layer(random, C_Z, 16, 3, 2, 12),
            layer(random, 4, 32, 3, 2, 12),
            layer(random, 8, M, 1, 1, 17, bias=26 << 17),
        ),
    ).to_bytes()


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", action="store_true", help="with a text detector")
    parser.add_argument("--adaptive", action="store_true", help="that asks for finer steps")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    detector: bool = arguments.detector
    adaptive: bool = arguments.adaptive
    if adaptive and not detector:
        parser.error("expected --detector with --adaptive, got --adaptive alone")
    wire_id = (WIRE_ID, DETECTOR_WIRE_ID, ADAPTIVE_WIRE_ID)[detector + adaptive]
    folder.mkdir(parents=True)  # fails where it exists: see above
    save_analysis(folder / "analysis.onnx", detector, adaptive)
    save_synthesis(folder / "synthesis.onnx")
    (folder / "entropy.tcsb").write_bytes(make_bundle(wire_id))
    graphs = {"analysis": "analysis.onnx", "synthesis": "synthesis.onnx"}
    row = {**graphs, "files": list(graphs.values())}
    files = [*graphs.values(), "entropy.tcsb"]
    manifest = {
        "task": CODEC,
        "family": ("small", "small-detector", "small-adaptive")[detector + adaptive],
        "wire_id": wire_id,
        "latent": M,
        "hyper": C_Z,
        "halo": 64,
        "bundle": "entropy.tcsb",
        "licence": "Apache-2.0",
        "default_quality": 32,
        "default_precision": {"cpu": "fp32"},
        "detects_text": detector,
        "adaptive": adaptive,
        "precisions": {"fp32": row, "int8": row},
    }
    write_manifest(folder, manifest, files)


if __name__ == "__main__":
    main()
