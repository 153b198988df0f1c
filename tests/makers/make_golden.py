"""Make the golden vectors of the format: folders of tests/golden.

    python tests/makers/make_golden.py [v0] [v0.2] [v0.4] [v0.1-weights] [v0.4-text] [v0.4-small]
        [refused]

Without names all: `v0` tiles, and streams of one layer as versions before 0.4 wrote them, `v0.2`
those of two, `v0.4` streams of both kinds as they are written since, `v0.1-weights` packed weights,
whose versions are their own, `v0.4-text` payloads of text chunks (golden_text.py), `refused` what
no reader takes. Refuses to overwrite:
delete a folder by hand, with a line in CHANGELOG's *Bitstream*, to make it again. The model is a
small one of fixed random weights. Everything comes from whole random numbers and from +, -, *, / on
floats, so that any machine makes the same files.

Tile cases hold `case.txt` (key=value lines), `bundle.tcsb`, `z_hat.bin` int8, `r.bin` int16 (what
the decoder gives), `indexes.bin` int16 (M, height, width), `payload.bin`, and where the case has
them `roi.bin` int8 and `d.bin` float32. Stream cases hold `case.txt`, `stream.tcs` and the
payloads `chunk0.bin`, ...; layered ones say in `layer_...` keys what the layer chunk holds. Cases
of weights hold `case.txt`, `weights.tcsw` and `weights.bin`: all tensors, by name. All
arrays are raw, little endian, row-major.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from golden_model import make_bundle, make_tables, sample_residual
from golden_refused import write_refused
from golden_streams import LAYER_FIELDS, SETS, StreamCase
from golden_text import write_texts
from numpy.typing import NDArray

from tcsdk._kernels import Bundle, decode_tile, encode_tile
from tcsdk.export.graphs.packed import PackedTensor, pack_weights

GOLDEN = Path(__file__).parents[1] / "golden"


@dataclass(frozen=True)
class TileCase:
    """One tile to code; height and width of its y grid."""

    name: str
    model: str
    height: int
    width: int
    quality: int
    lanes: int
    skip: int = 4
    roi: bool = False
    from_d: bool = False
    values: str = "typical"  # typical, zero, extreme


TILE_CASES = (
    TileCase("smallest", "even", 1, 1, 0, 1),
    TileCase("lanes_1", "even", 16, 32, 20, 1),
    TileCase("lanes_8", "even", 16, 32, 40, 8),
    TileCase("lanes_32", "even", 33, 21, 63, 32),
    TileCase("odd_channels", "odd", 13, 7, 30, 1),
    TileCase("odd_channels_lanes_8", "odd", 19, 30, 50, 8),
    TileCase("odd_channels_lanes_32", "odd", 40, 9, 63, 32),
    TileCase("wide", "even", 3, 70, 33, 1),
    TileCase("skip_none", "even", 9, 9, 10, 1, skip=0),
    TileCase("skip_all", "odd", 9, 9, 0, 1, skip=63),
    TileCase("all_zero", "even", 16, 16, 5, 1, values="zero"),
    TileCase("escapes", "even", 8, 8, 63, 1, skip=0, values="extreme"),
    TileCase("escapes_lanes_32", "odd", 12, 12, 63, 32, skip=0, values="extreme"),
    TileCase("quality_map", "even", 17, 11, 25, 1, roi=True),
    TileCase("from_d", "even", 12, 16, 45, 1, from_d=True),
    TileCase("from_d_quality_map", "odd", 12, 16, 35, 8, roi=True, from_d=True),
)


class Writer:
    """Writes the files of one case into a new folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder

    def array(self, name: str, values: NDArray[np.generic]) -> None:
        """Write an array as raw little-endian bytes."""
        little = values.dtype.newbyteorder("<")
        self.bytes(f"{name}.bin", np.ascontiguousarray(values).astype(little).tobytes())

    def bytes(self, name: str, data: bytes) -> None:
        """Write a file of this case."""
        (self.folder / name).write_bytes(data)

    def keys(self, **keys: int) -> None:
        """Write case.txt."""
        lines = [f"{key}={value}\n" for key, value in keys.items()]
        (self.folder / "case.txt").write_text("".join(lines), encoding="ascii", newline="\n")


def code_by_reference(case: TileCase, z_hat: NDArray[np.int8], r: NDArray[np.int16]) -> bytes:
    """The payload of a tile as the slow reference writes it: the kernel only reads 32 lanes."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from kernels import reference_tile

    tables, options = make_tables(case.model), {"skip": case.skip, "lanes": case.lanes}
    return reference_tile.encode_tile(tables, z_hat, r, case.quality, **options)


def make_tile(case: TileCase, folder: Path) -> None:
    """Make a tile case."""
    rng = np.random.Generator(np.random.PCG64(sum(case.name.encode())))
    data = make_bundle(case.model)
    bundle = Bundle(data)
    h, w = case.height, case.width
    z_shape = (bundle.hyper, -(-h // 4), -(-w // 4))
    span = {"typical": 9, "zero": 0, "extreme": 127}[case.values]
    z_hat = rng.integers(-span, span, z_shape, np.int8, endpoint=True)
    roi = rng.integers(-6, 9, (h, w), np.int8, endpoint=True) if case.roi else None
    level = int(bundle.z_level_of_quality[case.quality])
    indexes = np.ascontiguousarray(bundle.scale_indexes(z_hat, level)[:, :h, :w])
    total = indexes + bundle.steps[case.quality].astype(np.int16)[:, None, None]
    total = np.clip(total + (0 if roi is None else roi), 0, 63)
    residual = sample_residual(rng, total, case.values)
    out = Writer(folder)
    if case.from_d:
        residual = residual.astype(np.float32) * np.float32(0.37)
        out.array("d", residual)
    options = {"roi": roi, "skip": case.skip, "lanes": case.lanes}
    if case.lanes == 32:
        payload = code_by_reference(case, z_hat, residual)
    else:
        payload = encode_tile(bundle, z_hat, residual, case.quality, **options)
    z_back, r = decode_tile(bundle, payload, case.quality, h, w, roi=roi)
    assert np.array_equal(z_back, z_hat), case.name
    out.bytes("bundle.tcsb", data)
    out.bytes("payload.bin", payload)
    out.array("z_hat", z_hat)
    out.array("r", r)
    out.array("indexes", indexes)
    if roi is not None:
        out.array("roi", roi)
    keys = {"height": h, "width": w, "quality": case.quality, "level": level}
    out.keys(**keys, skip=case.skip, lanes=case.lanes)


def make_stream(case: StreamCase, folder: Path) -> None:
    """Make a stream case."""
    out = Writer(folder)
    out.bytes("stream.tcs", case.stream)
    for i, (_, data) in enumerate(case.chunks):
        out.bytes(f"chunk{i}.bin", data)
    names = ("width", "height", "quality", "wire_id", "bundle_hash", "tile")
    keys = {name: int(getattr(case.header, name)) for name in names}
    if not case.former:
        keys |= dict(zip(("shown_width", "shown_height"), case.header.shown, strict=True))
    if case.header.small:
        keys |= {"small": 1, "bundle_check": case.header.bundle_check}
    types = {f"type{i}": kind for i, (kind, _) in enumerate(case.chunks)}
    if case.header.layered:
        keys |= {"layered": 1} | {f"layer_{name}": value for name, value in LAYER_FIELDS.items()}
    out.keys(**keys, bare=int(case.header.bare), chunks=len(case.chunks), **types)


def make_streams(folder: Path) -> None:
    """Make the stream cases of a folder, around the payload of a tile of v0."""
    payload = (GOLDEN / "v0" / "lanes_1" / "payload.bin").read_bytes()
    for case in SETS[folder.name](payload):
        make_stream(case, folder / case.name)


def make_v0(folder: Path) -> None:
    """Make the tile cases and the first streams of one layer."""
    for case in TILE_CASES:
        make_tile(case, folder / case.name)
    make_streams(folder)


def small_weights(rng: np.random.Generator, width: int, shape: tuple[int, ...]) -> PackedTensor:
    """A tensor of one width whose values crowd about zero."""
    top = 1 << (width - 1)
    draws = rng.integers(-top, top, (4, *shape)) // rng.integers(1, 4, shape)
    whole = np.clip(draws.sum(0) // 2, -top, top - 1).astype(np.int8)
    return PackedTensor(whole, np.full(shape[0], width, np.uint8))


def weight_cases() -> dict[str, dict[str, PackedTensor]]:
    """Packed weights: every width raw and coded, and channels of different widths."""
    rng = np.random.default_rng(7)
    widths = range(2, 9)
    raw = {
        f"raw.{width}.{count}": PackedTensor(
            rng.integers(-(1 << (width - 1)), 1 << (width - 1), count).astype(np.int8),
            np.full(count, width, np.uint8),
        )
        for width in widths
        for count in (1, 7, 8, 31, 64, 100)
    }
    coded = {f"coded.{width}": small_weights(rng, width, (40, 30)) for width in widths}
    coded |= {f"lanes.{width}": small_weights(rng, width, (8, 16, 7, 7)) for width in widths}
    mixed = {}
    for channels in (2, 9, 50):
        rows = [small_weights(rng, int(width), (1, 33)) for width in rng.integers(2, 9, channels)]
        mixed[f"mixed.{channels}"] = PackedTensor(
            np.concatenate([row.integers for row in rows]),
            np.concatenate([row.bits for row in rows]),
        )
    return {"raw": raw, "coded": coded, "mixed": mixed}


def make_weights(folder: Path) -> None:
    """Make the packed weights."""
    for name, tensors in weight_cases().items():
        out = Writer(folder / name)
        out.bytes("weights.tcsw", pack_weights(tensors))
        out.bytes("weights.bin", b"".join(tensors[k].integers.tobytes() for k in sorted(tensors)))
        out.keys(tensors=len(tensors), weights=sum(t.integers.size for t in tensors.values()))


# Folder -> what fills it, in order: the later ones read v0 and v0.4-text.
MAKERS = {
    "v0": make_v0,
    "v0.2": make_streams,
    "v0.1-weights": make_weights,
    "v0.4-text": write_texts,
    "v0.4": make_streams,
    "v0.4-small": make_streams,
    "refused": lambda folder: write_refused(folder, GOLDEN / "v0" / "lanes_1"),
}


def main() -> int:
    """Make the vectors asked for, or refuse."""
    names = sys.argv[1:] or list(MAKERS)
    if unknown := set(names) - set(MAKERS):
        print(f"expected folders of {', '.join(MAKERS)}, got {', '.join(sorted(unknown))}")
        return 2
    taken = [str(GOLDEN / name) for name in names if (GOLDEN / name).exists()]
    if taken:
        print(f"refused: {', '.join(taken)} exists and is never overwritten")
        return 1
    for name, make in MAKERS.items():
        if name in names:
            make(GOLDEN / name)
            print(f"made {GOLDEN / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
