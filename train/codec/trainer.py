"""The training loop: from a recipe and a folder to weights, resumable at any checkpoint."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from tcsdk.codec.quality_map import DRAWN_STEPS
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import NUM_QUALITIES, whole_steps
from tcsdk.models.registry import NETS
from tcsdk.train.codec.data import Batch, open_batches
from tcsdk.train.codec.distil import Teacher
from tcsdk.train.codec.growth import grown
from tcsdk.train.codec.guidance import drawn_blocks
from tcsdk.train.codec.legibility import wanted_offsets
from tcsdk.train.codec.losses import Loss, compute_loss
from tcsdk.train.codec.perception import Perception
from tcsdk.train.codec.principal import start_from_principal_components
from tcsdk.train.codec.recipe import Recipe
from tcsdk.train.codec.revive import revive
from tcsdk.train.codec.told import Pieces, states
from tcsdk.train.readers import Readers
from tcsdk.train.run.checkpoint import STATE, Progress
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin, load_weights, parent_of

LOG_EVERY = 50  # steps
START_BATCHES = 64  # whose principal components a training from nothing starts from
REVIVAL_BATCHES = 8  # that decide whether a hidden unit ever fires
REVIVE_EVERY = 1000  # steps; at high rates units die again
PLAIN = 0.25  # of the pictures: coded without a quality map, as bare streams are
COLUMNS = tuple("step seconds loss bpp z_bpp mse nats_per_character detector rate".split())


class Log:
    """Running means of the loss's parts, one CSV row per LOG_EVERY steps.

    Args:
        path: of the CSV; added to where it exists.
        readers: those that the recipe asks; a column of nats per character each, behind COLUMNS.
    """

    def __init__(self, path: Path, readers: Sequence[str]) -> None:
        self._path, self._readers = path, readers
        self._columns = (*COLUMNS, *(f"nats_{name}" for name in readers))
        self._rows: list[tuple[float, ...]] = []
        if not path.exists():
            path.write_text(",".join(self._columns) + "\n")

    def add(self, loss: Loss, progress: Progress, rate: float) -> None:
        """Count one step in; write and print a row when one is due."""
        parts = (loss.total, loss.bpp, loss.z_bpp, loss.mse, loss.nats, loss.detector)
        nats = (loss.nats.item() if name == loss.reader else math.nan for name in self._readers)
        self._rows.append((*(p.item() for p in parts), rate, *nats))
        if progress.step % LOG_EVERY:
            return
        columns = torch.tensor(self._rows)
        row = [progress.step, round(progress.seconds, 1)]
        row += [float(f"{v:.5g}") for v in columns.nanmean(0).tolist()]
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerow(row)
        print(" ".join(f"{k}={v}" for k, v in zip(self._columns, row, strict=True)), flush=True)
        self._rows.clear()


class Trainer(Resumable):
    """One run of a recipe in a folder.

    Args:
        recipe: what to minimise and for how long.
        folder: checkpoints and log.
        photos: photographs for backgrounds, or None.
        init: weights to start from (a file, or the folder of a run or a model), or None for
            principal components; blocks of the net that it lacks start silent (growth.py), other
            parts from random weights. Not read where the run resumes.
        resume: go on from the folder's checkpoint where there is one.
        device: torch device; bfloat16 autocast on all of them.
        seed: of weights, qualities and data.
        workers: renderer processes.
        teacher: weights of the recipe's teacher, where it has one.
        joint: weights of the map that the recipe's joint loss asks, where it has one.

    Raises:
        ValueError: the recipe has a teacher or a joint loss and no weights are given, or the other
            way round; or a part of the net that does not learn is not in the weights to start from.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        *,
        photos: Path | None = None,
        init: Path | None = None,
        resume: bool = False,
        device: str = "cpu",
        seed: int = 1,
        workers: int = 1,
        teacher: Path | None = None,
        joint: Path | None = None,
    ) -> None:
        if (joint is None) != (recipe.joint is None):
            raise ValueError(
                f"expected a joint map {'for' if recipe.joint else 'of no'} recipe "
                f"{recipe.name}, got {joint or 'none'}"
            )
        if (teacher is None) != (recipe.teacher is None):
            raise ValueError(
                f"expected weights of the recipe's teacher, {recipe.teacher or 'none'}, "
                f"got {teacher or 'none'}"
            )
        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self._recipe, self._seed, self._device = recipe, seed, torch.device(device)
        self._net = NETS[recipe.net]()
        resumes = resume and (folder / STATE).exists()
        from_nothing = init is None and not resumes
        first = open_batches(photos, recipe.data, seed, workers=workers)
        pictures = _pictures(first, START_BATCHES if from_nothing else REVIVAL_BATCHES)
        first.close()
        self._probe = pictures[: REVIVAL_BATCHES * recipe.data.batch].to(self._device)
        if from_nothing:
            start_from_principal_components(self._net, pictures)
        elif init is not None and not resumes:
            given = load_weights(init)
            _check_what_stays(recipe, self._net, given)
            self._net.load_state_dict(_fitting(self._net.state_dict(), given))
            self._net.gains.anchors.data -= recipe.coarser
        self._net = self._net.to(self._device, memory_format=torch.channels_last)
        if recipe.learns is not None:
            self._net.requires_grad_(False)
            for part in recipe.learns:
                self._net.get_submodule(part).requires_grad_(True)
        self._teacher = Teacher(teacher, self._device) if teacher else None
        if self._teacher:
            self._teacher.lend(self._net)
        self._readers = Readers(recipe.readers).to(self._device) if recipe.reading else None
        self._perception = Perception(joint).to(self._device) if recipe.features else None
        parents = [] if resumes else [path for path in (init, teacher, joint) if path]
        origin = Origin(recipe.net, recipe.name, 0, seed, parent_of(parents))
        super().__init__(self._net, recipe, folder, resume, origin)
        self._batches = open_batches(photos, recipe.data, seed, self._progress.step, workers)
        self._log = Log(folder / "log.csv", [name for name, _ in recipe.readers])

    def _step(self, batch: Batch) -> None:
        recipe, step = self._recipe, self._progress.step
        if step % REVIVE_EVERY == 0 and not recipe.whole:
            self._revive()
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        low, high = recipe.qualities
        quality = torch.randint(low, high + 1, (recipe.data.batch,), generator=generator)
        first, second = batch.twins.unbind(1)
        quality[second] = quality[first]
        quality[: recipe.exact] = NUM_QUALITIES - 1
        batch, quality = self._to_device(batch), quality.to(self._device)
        offsets = mapped = None
        if self._net.config.adaptive:
            offsets = wanted_offsets(batch.clean, batch.text_heights)
            plain = torch.rand(len(quality), 1, 1, 1, generator=generator) < PLAIN
            mapped = torch.where(plain.to(self._device), 0.0, whole_steps(offsets))
        if mapped is not None and batch.guidance is not None:
            mapped = torch.where(drawn_blocks(batch.guidance), float(DRAWN_STEPS), mapped)
        with torch.autocast(self._device.type, torch.bfloat16):
            if self._teacher:
                batch, output = self._teacher.teach(self._net, batch, quality, recipe.exact, mapped)
            else:
                told = None if batch.captions is None else Pieces(batch.captions, batch.weights)
                caption = None if told is None else states(self._net, told)
                output = self._net(
                    batch.pictures,
                    quality,
                    recipe.exact,
                    recipe.whole,
                    mapped,
                    batch.guidance,
                    caption,
                )
            loss = compute_loss(
                recipe, batch, output, quality, self._readers, generator, offsets, self._perception
            )
        loss.total.backward()
        rate = self._update()
        self._progress.step += 1
        self._log.add(loss, self._progress, rate)

    def _revive(self) -> None:
        before = {name: value.clone() for name, value in self._net.state_dict().items()}
        if revive(self._net, self._probe):
            self._average.adopt(before, self._net)

    def _to_device(self, batch: Batch) -> Batch:
        tensors = {
            name: getattr(batch, name).to(self._device)
            for name in ("pictures", "clean", "text_heights", "picture_of_line", "quads", "twins")
        }
        for name in ("pictures", "clean"):
            tensors[name] = tensors[name].contiguous(memory_format=torch.channels_last)
        for name in ("guidance", "captions", "weights", "described"):
            if (given := getattr(batch, name)) is not None:
                tensors[name] = given.to(self._device)
        return replace(batch, **tensors)


def _check_what_stays(recipe: Recipe, net: Codec, given: Mapping[str, Tensor]) -> None:
    parts = {name.split(".")[0] for name in net.state_dict()} if recipe.learns else set()
    absent = parts - {name.split(".")[0] for name in given} - {*(recipe.learns or ())}
    if absent:
        raise ValueError(
            f"expected weights of all that does not learn by recipe {recipe.name}, got none of "
            f"{', '.join(sorted(absent))}; start from a whole net's"
        )


def _fitting(own: dict[str, Tensor], given: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a net's state with given weights, but for a detector of another shape."""
    first = "detector.layers.0.weight"
    if first in given and given[first].shape != own[first].shape:
        given = {name: value for name, value in given.items() if not name.startswith("detector.")}
    return grown(own, given)


def _pictures(batches: Iterable[Batch], count: int) -> Tensor:
    return torch.cat([batch.pictures for batch in islice(batches, count)])
