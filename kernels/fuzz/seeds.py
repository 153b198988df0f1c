"""Turn the golden vectors into seeds for the fuzz targets: python kernels/fuzz/seeds.py FOLDER.

Writes FOLDER/<target>/<case>; what the bytes mean to a target is said in kernels/fuzz/.
"""

from __future__ import annotations

import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "tests" / "golden"
MODELS = GOLDEN.parent / "data"
SHIPPED_ATLAS = Path(__file__).parents[2] / "zoo" / "textboost" / "atlas.tcsg"
QUALITY_MAP = 0x05  # type of chunk
NEWEST = 0x04  # version byte


def keys_of(case: Path) -> dict[str, int]:
    """The key=value lines of case.txt."""
    lines = (case / "case.txt").read_text(encoding="ascii").split()
    return {key: int(value) for key, value in (line.split("=") for line in lines)}


def tile_seed(case: Path) -> bytes:
    """Quality, bundle and grid of a tile case before its payload."""
    keys = keys_of(case)
    odd = 0x80 if (case / "bundle.tcsb").read_bytes()[6] == 0xF1 else 0
    grid = bytes([keys["height"] - 1, (keys["width"] - 1) % 33, 0])
    return bytes([keys["quality"] | odd]) + grid + (case / "payload.bin").read_bytes()


def rans_seed(case: Path) -> bytes:
    """Lanes and a number of symbols before a payload's rANS stream."""
    lanes = {1: 0, 8: 1, 32: 2}[keys_of(case)["lanes"]]
    return bytes([lanes, 9, 1]) + (case / "payload.bin").read_bytes()[1:]


def without_check(stream: bytes) -> bytes:
    """A stream without its header's check, which the target puts in."""
    size, flags = 15, stream[4] if len(stream) > 15 else 0
    if flags & 0x40:
        options = stream[15] if stream[3] == NEWEST else 0
        size += 1 + (options & 1) + (4 if options & 2 else 0)
    if flags & 0x80 and stream[3] == NEWEST:
        size += 2
    return stream[:size] + stream[size + 2 :]


def chunk_seeds() -> dict[str, bytes]:
    """Streams of two tiles, and of two layers, as the target makes them of its input."""
    tile, mapped, base = b"\x01\x02%cab", b"\x05\x01%cm", 0x80
    one = tile % 0 + mapped % 1 + tile % (1 | 0x40)
    rest = b"\x04\x08\x80" + bytes(8) + tile % base + tile % (1 | base)
    two = bytes([8, 63])  # 129 x 63 pixels in tiles of 64
    return {
        "one_layer": b"\x00" + two + b"\x83\x01\x00u" + one + tile % 2,
        "two_layers": b"\x02" + two + one + tile % 2 + rest + tile % (2 | base),
        "former": b"\x06" + two + one + tile % 2 + rest + tile % 2,
    }


def packet_seeds() -> dict[str, bytes]:
    """Rows of packets of one message and of several, and a message with losses."""
    two, other = (b"\x10\x65abc", b"\x11\x65de"), b"\x10\x65xyz"
    long = b"\x80\x00\x00q", b"\xc0\xff\x07parity"
    rows = {"two": two, "mixed": (other, *two), "long": long, "twice": (*two, *two)}
    seeds = {name: b"".join(bytes([len(p)]) + p for p in row) for name, row in rows.items()}
    return {**seeds, "losses": b"\x08\x05\x00\x02" + bytes(range(1, 60))}


def atlas_seeds() -> dict[str, bytes]:
    """Where a line lies and what it says, before atlases of few letters and of all."""
    places = {"level": b"\x04\x08\x0a\x0c\x00\x00", "turned": b"\x08\x0a\x08\x0a\x29\x01"}
    head = b"TCSG\x01\x04\x01\x03\x02\x20\x10\x20"
    a, wide = b"a\0\0\0\x04\x00\x03\x01\x02\0", b"\xc5\0\0\0\x09\x01\x08\x00\x04\0"
    atlases = {
        "none": head + b"\x00\x00",
        "one": head + b"\x01\x00" + a + b"\xe8",
        "two": head + b"\x02\x00" + a + wide + b"\xe8" + bytes(range(4)),
        "shipped": SHIPPED_ATLAS.read_bytes(),
    }
    return {f"{k}_{n}": p + atlas for k, p in places.items() for n, atlas in atlases.items()}


def seeds() -> dict[tuple[str, str], bytes]:
    """All seeds by target and name."""
    made: dict[tuple[str, str], bytes] = {}
    for file in (GOLDEN / "v0").glob("*/payload.bin"):
        name = file.parent.name
        made["tile", name] = tile_seed(file.parent)
        made["rans", name] = rans_seed(file.parent)
        made["bundle", name] = (file.parent / "bundle.tcsb").read_bytes()[:-4]
    streams = [*GOLDEN.glob("v*/*/stream.tcs"), *(GOLDEN / "refused").glob("*.tcs")]
    for file in streams:
        name, data = f"{file.parent.name}_{file.stem}", file.read_bytes()
        made["header", name] = without_check(data)
        made["chunks", name] = data
    made |= {("chunks", name): data for name, data in chunk_seeds().items()}
    for case in sorted({file.parent for file in streams} - {GOLDEN / "refused"}):
        for key, kind in keys_of(case).items():
            if key.startswith("type") and kind == QUALITY_MAP:
                payload = (case / f"chunk{key[4:]}.bin").read_bytes()
                made["quality_map", f"{case.name}_{key}"] = b"\x01\x03" + payload  # of 2 x 4
    made |= {("packets", name): data for name, data in packet_seeds().items()}
    for file in GOLDEN.glob("v*-text/*/payload.bin"):
        made["text", file.parent.name] = file.read_bytes()
    for file in (GOLDEN / "refused").glob("*"):
        if file.name.startswith("text_"):
            made["text", file.stem] = file.read_bytes()
        if file.name.startswith("map_"):
            made["quality_map", file.stem] = b"\x01\x02" + file.read_bytes()
        if file.name.startswith("layer_") and file.suffix == ".bin":
            made["layer", file.stem] = file.read_bytes()
        if file.suffix == ".tcsb":
            made["bundle", file.stem] = file.read_bytes()[:-4]
    made |= {("atlas", name): data for name, data in atlas_seeds().items()}
    packed = [*GOLDEN.glob("v*/*/*.tcsw"), *GOLDEN.glob("refused/*.tcsw"), *MODELS.glob("*/*.tcsw")]
    for file in packed:
        made["weights", f"{file.parent.name}_{file.stem}"] = file.read_bytes()[:-4]
    for file in GOLDEN.glob("nets/*.tcsn"):
        made["net", file.stem] = file.read_bytes()[:-4]
    for file in MODELS.glob("*/*.onnx"):
        made["onnx_graph", f"{file.parent.name}_{file.stem}"] = file.read_bytes()
    return made


def main() -> int:
    """Write the seeds."""
    for (target, name), data in seeds().items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
