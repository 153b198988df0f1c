"""What a caption's length costs an encoder: TACO's attentions, and Linformer's projections in them.

    python -m benchmarks.studies.caption_length [--tokens 16 32 64 128 256 512]

The edge net's analysis in torch, FP32, without an adapter ("plain"), with attentions and with
Linformer's, k 64, the text encoder with them; weights are random, which time does not depend on.
Captions have all their tokens. Milliseconds are of the processor, on one thread, medians of calls
taken in turn in one process; a ratio is the median of the turns' ratios. Rows go to
benchmarks/results/caption_length.csv; docs/studies/captions.md has them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

import torch
from torch import Tensor

from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.speed.timing import in_turn
from tcsdk.models.codecs.edge import ADAPTER, CAPTIONED, KEPT, EdgeCodec, EdgeConfig

TOKENS = (16, 32, 64, 128, 256, 512)
SIZE = (512, 768)  # of the picture, height and width
KINDS = ("plain", "attention", "linformer")
OPEN = 0.5  # of the gammas: at zero nothing of a caption would be seen


def nets(tokens: int) -> dict[str, EdgeCodec]:
    """Return a net of each of KINDS with the same weights, for captions of so many tokens.

    Args:
        tokens: of a caption.
    """
    adapter = replace(ADAPTER, few=(KEPT, tokens))
    configs: dict[str, EdgeConfig] = {
        "plain": EdgeConfig(adaptive=True),
        "attention": replace(CAPTIONED, caption_tokens=tokens),
        "linformer": replace(CAPTIONED, caption_tokens=tokens, adapter=adapter),
    }
    made, state = {}, dict[str, Tensor]()
    for kind, config in configs.items():
        torch.manual_seed(0)
        net = EdgeCodec(config).eval()
        net.load_state_dict({**net.state_dict(), **state})
        for name, value in net.named_parameters():
            if name.endswith("gamma"):
                torch.nn.init.constant_(value, OPEN)
        made[kind], state = net, net.state_dict()
    return made


def analysis(net: EdgeCodec, tokens: int, size: tuple[int, int]) -> Callable[[], Tensor]:
    """Return a call that makes y of one picture and one caption, always the same.

    Args:
        net: with an adapter or without.
        tokens: of the caption.
        size: of the picture, height and width.
    """
    torch.manual_seed(1)
    x = torch.rand(1, 3, *size).to(memory_format=torch.channels_last) - 0.5
    numbers = torch.arange(1, tokens + 1)[None]
    net = net.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def call() -> Tensor:
        caption = None if net.captions is None else net.captions(numbers)
        return net.analyse(x, caption)[0]

    return call


def measured(tokens: int, turns: int, size: tuple[int, int]) -> dict[str, str]:
    """Return a row of the table.

    Args:
        tokens: of the caption.
        turns: so often each net is called.
        size: of the picture, height and width.

    Raises:
        ValueError: Linformer is not the attention on a caption of k tokens or fewer.
    """
    made = nets(tokens)
    calls = [analysis(made[kind], tokens, size) for kind in KINDS]
    _, full, few = (call() for call in calls)
    if tokens <= KEPT and not torch.allclose(full, few, atol=1e-3):
        raise ValueError(f"expected the attention itself of {tokens} tokens, got another result")
    durations = dict(zip(KINDS, in_turn(turns, *calls, clock=process_time), strict=True))
    row = {"picture": f"{size[1]}x{size[0]}", "tokens": f"{tokens:03}"}
    row |= {f"{kind}, ms": f"{median(times):.2f}" for kind, times in durations.items()}
    for one, other in (("attention", "plain"), ("linformer", "plain"), ("linformer", "attention")):
        pairs = zip(durations[one], durations[other], strict=True)
        row[f"{one} / {other}"] = f"{median(a / b for a, b in pairs):.3f}"
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", nargs="+", type=int, default=TOKENS)
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the table")
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for tokens in args.tokens:
        row = measured(tokens, args.turns, SIZE)
        print(row, flush=True)
        record(args.results / "caption_length.csv", [row], ("picture", "tokens"))


if __name__ == "__main__":
    main()
