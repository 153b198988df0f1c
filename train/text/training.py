"""Train the character model on pages that are drawn as it goes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk.train.text.net import Shape, TextNet
from tcsdk.train.text.strings import Words, draw_page
from tcsdk.train.text.symbols import STATES, STYLES, is_letter, walk

Steps = NDArray[np.int64]
POOL = 1 << 18  # symbols that are drawn and shuffled at a time
LOG2 = float(np.log(2.0))


def pools(words: Words, depth: int, seed: int) -> Iterator[Steps]:
    """Yield (POOL, depth + 4) int64: symbols before, three flags, the symbol."""
    dice = random.Random(seed)
    rows: list[list[int]] = []
    while True:
        for before, state, style, length, symbol, _ in walk(draw_page(dice, words), depth):
            rows.append([*before, state, STATES + style, STATES + STYLES + length, symbol])
        if len(rows) >= POOL:
            yield np.array(rows, np.int64)
            rows = []


def train(
    shape: Shape, words: Words, steps: int, batch: int, rate: float, seed: int
) -> tuple[TextNet, float]:
    """Train a net; returns it with the bits per symbol of its last hundred steps.

    Args:
        shape: its sizes.
        words: what is drawn from.
        steps: steps of the schedule, a cosine with a warm-up.
        batch: symbols a step.
        rate: peak learning rate.
        seed: of weights, pages and batches: on one thread a machine repeats a training.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    net = TextNet(shape)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.08)
    source, shuffle = pools(words, shape.depth, seed), np.random.default_rng(seed)
    pool, at, recent, start = next(source), 0, 0.0, time.monotonic()
    for step in range(1, steps + 1):
        if at + batch > len(pool):
            pool, at = next(source), 0
            shuffle.shuffle(pool)
        rows = torch.from_numpy(pool[at : at + batch])
        at += batch
        logits = net(rows[:, : shape.depth], rows[:, shape.depth : -1])
        loss = torch.nn.functional.cross_entropy(logits * LOG2, rows[:, -1]) / LOG2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        recent += (float(loss.detach()) - recent) / min(step, 100)
        if step % 100 == 0:
            seconds = time.monotonic() - start
            print(f"step {step}: {recent:.4f} bits a symbol, {seconds:.0f} s", flush=True)
    return net, recent


def count_cases(words: Words, pages: int, seed: int) -> NDArray[np.int64]:
    """Count small letters and capitals by state and style, (36, 2)."""
    dice, counts = random.Random(seed), np.zeros((STATES * STYLES, 2), np.int64)
    for _ in range(pages):
        for _, state, style, _, symbol, upper in walk(draw_page(dice, words), 1):
            if is_letter(symbol):
                counts[state * STYLES + style, int(upper)] += 1
    return counts
