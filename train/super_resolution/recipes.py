"""The trainings of super-resolution by name: what each starts from and what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.models.registry import CROP_NETS, crop_net
from tcsdk.models.super_resolution import edsr
from tcsdk.models.super_resolution.resampler import Resampler
from tcsdk.train.run.resumable import Batches, Resumable
from tcsdk.train.run.weights import Origin, load_weights, parent_of
from tcsdk.train.super_resolution.batches import PairConfig, open_pair_batches
from tcsdk.train.super_resolution.losses import CtcFocus, Pixels, TextFocus
from tcsdk.train.super_resolution.natural import NaturalConfig, open_natural_batches
from tcsdk.train.super_resolution.objectives import (
    enlarged,
    large,
    reading,
    rescaling,
    resolved,
    resolving,
    together,
)
from tcsdk.train.super_resolution.trainer import Objective, Pace, Trainer, part_of, start

READER = "cdistnet-high"  # the reader of the text-focus loss, and the start of the tuned ones
PARTS = {"resolver": "edsr-s", "reader": "cdistnet-s"}  # of the training of both in one step


@dataclass(frozen=True)
class Setting:
    """What all trainings are told.

    Attributes:
        runs: folder with a folder per training; what a training starts from is looked for there.
        photos: photographs for backgrounds, or None.
        resume: go on from the checkpoint.
        seed: of weights and data.
        workers: renderer processes.
        steps: length of the schedule, or None for the recipe's.
        rate: peak learning rate, or None for the recipe's.
        init: weights to start from, or None for the recipe's.
    """

    runs: Path
    photos: Path | None = None
    resume: bool = False
    seed: int = 1
    workers: int = 1
    steps: int | None = None
    rate: float | None = None
    init: Path | None = None

    def pace(self, planned: Pace) -> Pace:
        """Return a recipe's pace with what was asked for instead."""
        asked = {"steps": self.steps, "rate": self.rate}
        return replace(planned, **{name: v for name, v in asked.items() if v is not None})


@dataclass(frozen=True)
class Recipe:
    """A training.

    Attributes:
        net: a key of CROP_NETS; what ships.
        objective: made of the folder of all runs.
        init: the training whose weights it starts from, or None.
        asks: trainings whose nets the objective asks.
        pace: how fast.
        data: what is drawn, pairs or natural pictures.
        build: makes what is trained where that is more than the net.
        ships: the part of it that is the net.
    """

    net: str
    objective: Callable[[Path], Objective]
    init: str | None = None
    asks: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)
    data: PairConfig | NaturalConfig = field(default_factory=PairConfig)
    build: Callable[[Path], nn.Module] | None = None
    ships: str = ""

    def open(self, name: str, setting: Setting) -> Resumable:
        """Return the training of this name, begun or resumed."""
        torch.manual_seed(setting.seed)
        net = self.build(setting.runs) if self.build else CROP_NETS[self.net]()
        init = setting.init or (setting.runs / self.init if self.init else None)
        if init is not None:
            start(net, init)
        parents = ([init] if init else []) + [setting.runs / asked for asked in self.asks]
        return Trainer(
            net,
            self.objective(setting.runs),
            partial(_open, self.data, setting),
            pace=setting.pace(self.pace),
            folder=setting.runs / name,
            origin=Origin(self.net, name, 0, setting.seed, parent_of(parents)),
            resume=setting.resume,
            ships=self.ships,
        )


def _open(data: PairConfig | NaturalConfig, setting: Setting, first: int) -> Batches:
    opened: Callable[..., Batches] = (
        open_natural_batches if isinstance(data, NaturalConfig) else open_pair_batches
    )
    return opened(setting.photos, data, setting.seed, first, setting.workers)


def trained(net: str, run: Path, part: str = "") -> nn.Module:
    """Return a net with a run's weights, or those of a model folder, which does not learn.

    Args:
        net: a key of CROP_NETS.
        run: folder of the training.
        part: a key of PARTS, of a training of several nets; "" where the net is all of it.
    """
    return crop_net(part_of(load_weights(run), part), net).requires_grad_(False)


def _pixels(runs: Path) -> Objective:
    return resolving(Pixels())


def _text_focus(runs: Path, **weights: float) -> TextFocus:
    reader = trained("cdistnet-s", runs / READER)
    assert isinstance(reader, Cdistnet)
    return TextFocus(reader, **weights)


def _reads_resolved(net: str, run: str, runs: Path) -> Objective:
    return reading(resolved(trained(net, runs / run)))


def _natural_pair(runs: Path) -> nn.Module:
    return nn.ModuleDict({"resolver": edsr.Edsr(edsr.SMALL_PLAIN), "resampler": Resampler()})


def _resolver_and_reader(run: str, runs: Path) -> nn.Module:
    starts = {"resolver": runs / run, "reader": runs / READER}
    nets = {part: CROP_NETS[net]() for part, net in PARTS.items()}
    for part, net in nets.items():
        start(net, starts[part])
    return nn.ModuleDict(nets)


_READ = Recipe(
    "cdistnet-s",
    lambda runs: reading(large),
    pace=Pace(rate=1e-3, warmup=300, steps=12_000),
    data=PairConfig(batch=48, fresh=5),
)
_TUNED = replace(_READ, init=READER, pace=Pace(rate=3e-4, warmup=50, steps=2_000))
_PIXELS = Recipe("edsr-s", _pixels, pace=Pace(steps=10_000))
_FOCUSED = Pace(rate=5e-4, warmup=50, steps=4_000)
_TEXT = Recipe(
    "edsr-s",
    lambda runs: resolving(_text_focus(runs)),
    init="edsr-natural",
    asks=(READER,),
    pace=_FOCUSED,
)

_CTC = replace(_TEXT, asks=())
_NAT = 1e-2

RECIPES: dict[str, Recipe] = {
    READER: _READ,
    # The seed paper's order: natural pictures, then text; and without the natural ones.
    "edsr-natural": Recipe(
        "edsr-s",
        lambda runs: rescaling,
        pace=Pace(rate=1e-3, steps=6_000),
        data=NaturalConfig(),
        build=_natural_pair,
        ships="resolver",
    ),
    "edsr-pixels": replace(_PIXELS, init="edsr-natural"),
    "edsr-scratch": _PIXELS,
    "edsr-text": _TEXT,
    "edsr-text-scratch": replace(_TEXT, init=None),
    # A nat counts as much as the error of pixels does, which 5e-4 of it, as published, never does.
    "edsr-reads": replace(
        _TEXT, objective=lambda runs: resolving(_text_focus(runs, recognition=_NAT))
    ),
    "edsr-ctc": replace(_CTC, objective=lambda runs: resolving(CtcFocus())),
    # For PP-OCRv6, which reads what our own reader does not.
    "edsr-ocr": replace(
        _CTC,
        objective=lambda runs: resolving(CtcFocus(recognition=_NAT)),
        init="edsr-reads",
    ),
    "tbsrn-pixels": replace(_PIXELS, net="tbsrn-s"),
    "tbsrn-text": replace(_TEXT, net="tbsrn-s", init="tbsrn-pixels"),
    # The reader on what it will be shown.
    "cdistnet-bicubic": replace(_TUNED, objective=lambda runs: reading(enlarged)),
    "cdistnet-edsr": replace(
        _TUNED, objective=partial(_reads_resolved, "edsr-s", "edsr-reads"), asks=("edsr-reads",)
    ),
    "cdistnet-tbsrn": replace(
        _TUNED, objective=partial(_reads_resolved, "tbsrn-s", "tbsrn-text"), asks=("tbsrn-text",)
    ),
    # Both in one step, which the paper found worse than one after the other.
    "together": replace(
        _TUNED,
        objective=lambda runs: together(_text_focus(runs)),
        init=None,
        asks=("edsr-natural", READER),
        data=PairConfig(),
        build=partial(_resolver_and_reader, "edsr-natural"),
    ),
}
