"""`python -m benchmarks.speed.nets`: how large each net is and what it computes, trained or not.

Parameters, and multiplications per pixel of the picture, are counted from the nets as they are
defined, without weights. With `--turns` also the CPU's milliseconds in torch, of random weights and
of calls taken in turn in one process, over the first net's: weights do not change how long they
take. Nets that draw sent text do so over the whole frame where they are made so, else over PAINTED.
Those that are told captions get one of as many tokens as they take; the text encoder is apart.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.speed.timing import in_turn
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.codecs.grouped import GroupedCodec
from tcsdk.models.codecs.told import ToldCodec
from tcsdk.models.registry import NETS
from tcsdk.models.text.caption import Caption

# The net -> the model that it is of, where one bears another name.
CODECS = {
    "edge-adaptive": "tfic",
    "tinylic-s": "",
    "elic-s": "",
    "tcm-s": "",
    "elic": "ELIC",
    "tcm": "LIC-TCM",
    "edge-guided": "textboost",
    "elic-s-guided": "textboost-elic",
    "elic-s-guided-reach": "",
    "tcm-s-guided": "textboost-tcm",
    "edge-captioned": "taco",
    "elic-s-captioned": "taco-elic",
}
PAINTED = 0.2  # of the picture
CLOCK = time.process_time  # of all threads together: what else runs takes little part in it
COUNTED = 256  # side of the picture that multiplications are counted on
COLUMNS = (
    "net",
    "model",
    "parameters",
    "context_parameters",
    "encode_kmac_px",
    "decode_kmac_px",
    "encode_ms",
    "decode_ms",
    "encode_ratio",
    "decode_ratio",
)


def encode(codec: Codec, x: Tensor) -> Tensor:
    """All that an encoder runs of a net, less the kernel: y, z, means, r."""
    quality = torch.zeros(len(x), dtype=torch.int64, device=x.device)
    y, features = codec.analyse(x, longest(codec, x))
    codec.detect(features)
    return codec.latents(y, quality).r


def longest(codec: Codec, x: Tensor) -> Caption | None:
    """A caption of as many tokens as a net takes; None for a net that takes none."""
    if not isinstance(codec, ToldCodec) or codec.adapter is None:
        return None
    shape = len(x), codec.config.caption_tokens
    return Caption(x.new_zeros(*shape, codec.adapter.config.tokens), x.new_ones(shape))


def decode(codec: Codec, z: Tensor, r: Tensor) -> Tensor:
    """All that a decoder runs: means, synthesis, and what draws sent text."""
    _, refined = codec.context()(z, lambda mu, place: r[:, place] + mu)
    shown = codec.synthesise(r + refined)
    if codec.fusion is None:
        return shown
    rows = shown.shape[2] if codec.config.frame else round(PAINTED * shown.shape[2])
    seen = shown[:, :, :rows]
    return torch.cat([codec.fusion(seen, seen[:, :1]), shown[:, :, rows:]], 2)


def latents_of(codec: Codec, x: Tensor) -> tuple[Tensor, Tensor]:
    """Zeros in the shape of a picture's z and r."""
    c, (height, width) = codec.config, x.shape[2:]
    return (
        x.new_zeros(len(x), c.hyper, height // 64, width // 64),
        x.new_zeros(len(x), c.latent, height // 16, width // 16),
    )


def kmac(call: Callable[[], object], pixels: int) -> float:
    """Thousands of multiplications per pixel."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        call()
    return counter.get_total_flops() / 2 / pixels / 1000


def numbers(module: nn.Module) -> int:
    """Parameters; a text encoder's among them."""
    return sum(parameter.numel() for parameter in module.parameters())


def sizes() -> dict[str, list[object]]:
    """Rows of what is counted, by net; the block that draws behind the codecs."""
    rows: dict[str, list[object]] = {}
    pixels = COUNTED * COUNTED
    with torch.device("meta"):
        x = torch.zeros(1, 3, COUNTED, COUNTED)
        for name in CODECS:
            codec = NETS[name]().eval()
            z, r = latents_of(codec, x)
            context = numbers(codec.grouped) if isinstance(codec, GroupedCodec) else 0
            both = (
                kmac(lambda c=codec: encode(c, x), pixels),
                kmac(lambda c=codec, z=z, r=r: decode(c, z, r), pixels),
            )
            rows[name] = [numbers(codec), context, *(round(each, 1) for each in both)]
        block = FusionBlock().eval()
        cost = kmac(lambda: block(x, x[:, :1]), pixels)
        rows["fusion"] = [numbers(block), 0, 0.0, round(cost, 1)]
    return rows


def times(turns: int, size: tuple[int, int], names: list[str]) -> dict[str, list[float]]:
    """Median milliseconds to encode and to decode, and both over the first net's."""
    codecs = [NETS[name]().eval() for name in names]
    x = torch.rand(1, 3, *size) - 0.5
    kept = [latents_of(codec, x) for codec in codecs]
    with torch.no_grad():
        taken = (
            in_turn(turns, *(lambda c=c: encode(c, x) for c in codecs), clock=CLOCK),
            in_turn(
                turns,
                *(lambda c=c, k=k: decode(c, *k) for c, k in zip(codecs, kept, strict=True)),
                clock=CLOCK,
            ),
        )
    found = {}
    for name, *own in zip(names, *taken, strict=True):
        spent = [median(each) for each in own]
        over = [one / median(each[0]) for one, each in zip(spent, taken, strict=True)]
        found[name] = [*(round(ms, 1) for ms in spent), *(round(ratio, 2) for ratio in over)]
    return found


def main() -> None:
    """Count, measure where that is asked for, print and write rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.nets", description=__doc__)
    parser.add_argument("--turns", type=int, default=0, help="measure so many times in turn")
    parser.add_argument("--measured", nargs="+", default=list(CODECS)[:4], choices=CODECS)
    parser.add_argument("--size", type=int, nargs=2, default=[256, 512])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="CSV file to write")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    timed = times(args.turns, tuple(args.size), args.measured) if args.turns else {}
    rows = [
        [name, CODECS.get(name, ""), *row, *timed.get(name, [""] * 4)]
        for name, row in sizes().items()
    ]
    if args.turns:
        print(f"{args.size[1]}x{args.size[0]}, {args.threads} threads")
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    if args.output:
        with args.output.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
