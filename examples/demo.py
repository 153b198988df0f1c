"""The main job on one picture: encode, decode, read both, and compare with JPEG, WebP and AVIF.

python examples/demo.py [PICTURE] [--model tfic-int8] [--max-bytes 900]
"""

from __future__ import annotations

import argparse
import difflib
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import tcsdk

HERE = Path(__file__).parent
REPEATS = 5
PEERS = {
    "JPEG": ("JPEG", {"optimize": True, "progressive": True}),
    "WebP": ("WEBP", {"method": 6}),
    "AVIF": ("AVIF", {"speed": 4}),
}
Pixels = NDArray[np.uint8]


def text_of(pixels: Pixels) -> str:
    """All lines that the OCR finds, from the top."""
    lines = sorted(tcsdk.read(pixels), key=lambda line: float(line.polygon[:, 1].mean()))
    return "\n".join(line.text for line in lines)


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and replacements that turn one text into the other."""
    row = list(range(len(b) + 1))  # distances of a's first characters to every start of b
    for i, one in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
            diagonal, row[j] = row[j], best
    return row[-1]


def accuracy(truth: str, read: str) -> float:
    """TFIC's formula: 1 - edit distance / longer length, over alphanumerics."""
    a, b = ("".join(filter(str.isalnum, text)) for text in (truth, read))
    return 1.0 - edit_distance(a, b) / max(len(a), len(b), 1)


def marked(truth: str, recovered: str) -> list[str]:
    """Lines as they were recovered; those that the original does not say have its line behind."""
    known = truth.splitlines()
    lines = []
    for line in recovered.splitlines():
        nearest = difflib.get_close_matches(line, known, n=1, cutoff=0.0)
        wrong = f"   <- misread, the original says: {nearest[0] if nearest else 'nothing'}"
        lines.append(line if line in known else line + wrong)
    return lines


def milliseconds(call: Callable[[], object]) -> float:
    """Median duration of a call."""
    durations = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        durations.append((time.perf_counter() - start) * 1e3)
    return statistics.median(durations)


def peer_file(pixels: Pixels, form: str, options: dict[str, object], quality: int) -> bytes:
    """A picture in another format."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, quality=quality, **options)
    return buffer.getvalue()


def smallest_peer(pixels: Pixels, peer: str, truth: str, wanted: float) -> tuple[int, int, float]:
    """Quality, bytes and accuracy of the smallest file that reads as well; by bisection."""
    form, options = PEERS[peer]
    low, high, best = 0, 95, None
    while low <= high:
        middle = (low + high) // 2
        data = peer_file(pixels, form, options, middle)
        reached = accuracy(truth, text_of(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))))
        if reached >= wanted:
            best, high = (middle, len(data), reached), middle - 1
        else:
            low = middle + 1
    if best is None:
        raise SystemExit(f"{peer} does not reach accuracy {wanted:.3f} at any quality")
    return best


def side_by_side(original: Pixels, decoded: Pixels, captions: tuple[str, str], path: Path) -> None:
    """Write both pictures under their captions."""
    height, width = original.shape[:2]
    sheet = Image.new("RGB", (2 * width + 12, height + 24), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (pixels, caption) in enumerate(zip((original, decoded), captions, strict=True)):
        draw.text((i * (width + 12) + 4, 6), caption, fill="black")
        sheet.paste(Image.fromarray(pixels), (i * (width + 12), 24))
    sheet.save(path)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", nargs="?", type=Path, default=HERE / "pictures" / "label.png")
    parser.add_argument("--model", default="tfic-int8")
    parser.add_argument("--max-bytes", type=int, default=1500)
    parser.add_argument("--output", type=Path, default=Path("demo.png"))
    args = parser.parse_args()
    with Image.open(args.picture) as image:
        pixels = np.asarray(image.convert("RGB"))
    encoder, decoder = tcsdk.Encoder(args.model), tcsdk.Decoder()
    data = encoder.encode(pixels, max_bytes=args.max_bytes)
    quality = tcsdk.inspect(data).quality
    decoded = decoder.decode(data)
    truth, recovered = text_of(pixels), text_of(decoded)
    reached = accuracy(truth, recovered)
    encode_ms = milliseconds(lambda: encoder.encode(pixels, quality=quality))
    decode_ms = milliseconds(lambda: decoder.decode(data))
    read_ms = milliseconds(lambda: tcsdk.read(pixels))
    bpp = 8 * len(data) / (pixels.shape[0] * pixels.shape[1])
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    print(f"picture        {args.picture.name}, {size}, raw {pixels.nbytes:,} bytes")
    print(f"{encoder.model:14} {len(data):,} bytes, {bpp:.4f} bpp, quality {quality}")
    times = f"{encode_ms:.1f} ms, decode {decode_ms:.1f} ms, OCR {read_ms:.1f} ms"
    print(f"encode         {times} ({encoder.engine})")
    print(f"accuracy       {reached:.3f} of what is read in the original\n")
    print("at the same reading accuracy:")
    for peer in PEERS:
        q, size_bytes, a = smallest_peer(pixels, peer, truth, reached)
        size = f"{size_bytes:6,} bytes, {size_bytes / len(data):4.1f}x ours"
        print(f"  {peer:5} quality {q:2}: {size} (accuracy {a:.3f})")
    print("\ntext recovered:")
    print("\n".join(f"  {line}" for line in marked(truth, recovered)))
    captions = (f"original, {pixels.nbytes:,} bytes raw", f"{encoder.model}, {len(data):,} bytes")
    side_by_side(pixels, decoded, captions, args.output)
    print(f"\nwrote {args.output}")


if __name__ == "__main__":
    main()
