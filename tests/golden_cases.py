"""Checks of the golden vectors, one case at a time; run as a program, all under one TCSDK_SIMD.

python tests/golden_cases.py prints the variant in use and the number of cases it checked.
"""

from __future__ import annotations

import csv
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels as kernels
from tcsdk import errors, inspect

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("v*/*/case.txt"))
REFUSED = GOLDEN / "refused"
NEWEST = 0x04  # version byte that is written
LAYER, SIZE = 0x04, 0x84


def keys_of(folder: Path) -> dict[str, int]:
    """The key=value lines of case.txt."""
    lines = (folder / "case.txt").read_text(encoding="ascii").split()
    return {key: int(value) for key, value in (line.split("=") for line in lines)}


def array(folder: Path, name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """An array file, in the machine's byte order."""
    values = np.fromfile(folder / f"{name}.bin", dtype)
    return np.ascontiguousarray(values.astype(values.dtype.newbyteorder("=")).reshape(shape))


def check_tile(folder: Path) -> None:
    """Scale indexes, encoding and decoding of a tile case, from r and from d."""
    keys = keys_of(folder)
    bundle = kernels.Bundle((folder / "bundle.tcsb").read_bytes())
    quality, h, w = keys["quality"], keys["height"], keys["width"]
    z_hat = array(folder, "z_hat", "i1", (bundle.hyper, -(-h // 4), -(-w // 4)))
    r = array(folder, "r", "<i2", (bundle.latent, h, w))
    roi = array(folder, "roi", "i1", (h, w)) if (folder / "roi.bin").exists() else None
    payload = (folder / "payload.bin").read_bytes()

    indexes = bundle.scale_indexes(z_hat, keys["level"])[:, :h, :w]
    assert np.array_equal(indexes, array(folder, "indexes", "<i2", r.shape))

    options = {"roi": roi, "skip": keys["skip"], "lanes": keys["lanes"]}
    if keys["lanes"] != 32:  # read only
        assert kernels.encode_tile(bundle, z_hat, r, quality, **options) == payload
    if (folder / "d.bin").exists():
        d = array(folder, "d", "<f4", r.shape)
        assert kernels.encode_tile(bundle, z_hat, d, quality, **options) == payload

    decoded_z, decoded_r = kernels.decode_tile(bundle, payload, quality, h, w, roi=roi)
    assert np.array_equal(decoded_z, z_hat)
    assert np.array_equal(decoded_r, r)


def check_stream(folder: Path) -> None:
    """Reading of a stream case, and writing if it is of the version that is written."""
    keys = keys_of(folder)
    data = (folder / "stream.tcs").read_bytes()
    chunks = [
        (keys[f"type{i}"], (folder / f"chunk{i}.bin").read_bytes()) for i in range(keys["chunks"])
    ]
    header = header_of(keys, dict(chunks))
    if header.bare or header.small or data[3] == NEWEST:
        assert kernels.write(header, chunks) == data
    parsed, found = kernels.parse(data)
    assert parsed == header
    for read in (found, kernels.parse(data, lenient=True)[1]):
        assert [(c.type, data[c.offset : c.offset + c.length]) for c in read] == chunks
        assert not any(c.fault for c in read)
    if header.layered:
        check_layer(keys, dict(chunks)[LAYER])


def header_of(keys: dict[str, int], chunks: dict[int, bytes]) -> kernels.Header:
    """The header that a stream case says; before 0.4 a chunk had the shown size."""
    names = ("width", "height", "quality", "wire_id", "bundle_hash", "tile")
    flags = {name: bool(keys.get(name, 0)) for name in ("bare", "layered", "small")}
    shown = (keys.get("shown_width", keys["width"]), keys.get("shown_height", keys["height"]))
    if SIZE in chunks:
        shown = struct.unpack("<HH", chunks[SIZE])
    fields = {name: keys[name] for name in names} | {"bundle_check": keys.get("bundle_check", 0)}
    return kernels.Header(**fields, **flags, shown=shown)


def check_layer(keys: dict[str, int], payload: bytes) -> None:
    """Reading and writing of a layer chunk."""
    names = ("quality", "wire_id", "bundle_hash", "threshold")
    fields = {name: keys[f"layer_{name}"] for name in names}
    assert kernels.Layer(**fields).to_bytes() == payload
    layer = kernels.Layer.parse(payload)
    assert {name: getattr(layer, name) for name in names} == fields


def check_weights(folder: Path) -> None:
    """Unpacking of all tensors of a case, and of some."""
    data = (folder / "weights.tcsw").read_bytes()
    tensors = kernels.unpack_weights(data)
    assert len(tensors) == keys_of(folder)["tensors"]
    whole = b"".join(weights.tobytes() for weights in tensors.values())
    assert whole == (folder / "weights.bin").read_bytes()
    last = list(tensors)[::-1]
    some = kernels.unpack_weights(data, last[:2])
    assert list(some) == last[:2]
    assert all(np.array_equal(some[name], tensors[name]) for name in some)


def text_of(folder: Path) -> dict[str, Any]:
    """Arguments of encode_text, from lines.txt (tests/makers/golden_text.py has its fields)."""
    rows = [row.split() for row in (folder / "lines.txt").read_text(encoding="ascii").splitlines()]
    numbers = np.array([[int(field) for field in row[:9]] for row in rows], np.int32).reshape(-1, 9)
    strings = [bytes.fromhex(row[9].strip("-")).decode() if row[8] == "1" else None for row in rows]
    return {
        "strings": strings,
        "placed": numbers[:, 0].astype(np.bool_),
        "places": np.ascontiguousarray(numbers[:, 1:6]),
        "states": numbers[:, 6].astype(np.uint8),
        "confidences": numbers[:, 7].astype(np.uint8),
        "verified": bool(keys_of(folder)["verified"]),
    }


def check_text(folder: Path) -> None:
    """Coding and reading of a text."""
    text, payload = text_of(folder), (folder / "payload.bin").read_bytes()
    assert kernels.encode_text(**text) == payload
    back = kernels.decode_text(payload)
    assert all(np.array_equal(getattr(back, name), value) for name, value in text.items())
    assert len(back.strings) == keys_of(folder)["lines"]


def check_case(folder: Path) -> None:
    """Everything that a case holds."""
    if (folder / "lines.txt").exists():
        check_text(folder)
    elif (folder / "weights.tcsw").exists():
        check_weights(folder)
    elif (folder / "stream.tcs").exists():
        check_stream(folder)
    else:
        check_tile(folder)


def refused_rows() -> list[tuple[str, str, str]]:
    """File, way of reading and error name of every refused file."""
    with (REFUSED / "index.csv").open(encoding="ascii", newline="") as file:
        return [(row["file"], row["how"], row["error"]) for row in csv.DictReader(file)]


def read_refused(name: str, how: str) -> None:
    """Read a refused file; raises."""
    data = (REFUSED / name).read_bytes()
    kind, *numbers = how.split()
    sizes = [int(number) for number in numbers]
    if kind == "stream":
        kernels.parse(data)
    elif kind == "conceal":
        kernels.parse(data, lenient=True)
    elif kind == "inspect":
        inspect(data)
    elif kind == "bundle":
        kernels.Bundle(data)
    elif kind == "weights":
        kernels.unpack_weights(data)
    elif kind == "layer":
        kernels.Layer.parse(data)
    elif kind == "text":
        kernels.decode_text(data)
    elif kind == "map":
        kernels.decode_quality_map(data, *sizes)
    else:
        bundle = kernels.Bundle((GOLDEN / "v0" / "lanes_1" / "bundle.tcsb").read_bytes())
        kernels.decode_tile(bundle, data, *sizes)


def error_of(name: str, how: str) -> str:
    """Name of the class that a refused file raises."""
    try:
        read_refused(name, how)
    except errors.TcsdkError as raised:
        return type(raised).__name__
    return "nothing"


def main() -> None:
    """Check every case under the variant in use."""
    for folder in CASES:
        check_case(folder)
    for name, how, error in refused_rows():
        assert error_of(name, how) == error, (name, error_of(name, how))
    print(kernels.simd(), len(CASES))


if __name__ == "__main__":
    sys.exit(main())
