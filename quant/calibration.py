"""What flows into each layer over the calibration set: histograms, extremes, and patch moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .grid import Reals
from .layers import Layer
from .samples import Samples

BINS = 4096
# Runs the net over the whole calibration set, the same way every time.
Run = Callable[[], None]
_RELUS = (torch.relu, torch.relu_, nn.functional.relu, Tensor.relu, Tensor.relu_)


class _ReluInputs(TorchFunctionMode):
    """Remembers what each ReLU was given, by the identity of its output, while both live."""

    def __init__(self) -> None:
        super().__init__()
        self._source: dict[int, tuple[Tensor, Tensor]] = {}

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        """Run the function; note a ReLU's input."""
        before = args[0].detach().clone() if func in _RELUS else None
        result = func(*args, **(kwargs or {}))
        if before is not None:
            self._source = {id(result): (result, before)}  # the next layer is all that asks
        return result

    def source(self, x: Tensor) -> Tensor | None:
        """What the ReLU that made `x` was given; None where no ReLU made it."""
        kept = self._source.get(id(x))
        return None if kept is None else kept[1]


@dataclass
class _Extent:
    """Extremes of a tensor over the set, then its histogram between them."""

    low: float = np.inf
    high: float = -np.inf
    counts: Reals = field(default_factory=lambda: np.zeros(BINS))

    def widen(self, x: Tensor) -> None:
        self.low, self.high = min(self.low, float(x.min())), max(self.high, float(x.max()))

    def count(self, x: Tensor) -> None:
        if self.high > self.low:
            self.counts += torch.histc(x.float(), BINS, self.low, self.high).double().numpy()

    def samples(self, before_relu: Samples | None) -> Samples:
        low, high = np.array([self.low]), np.array([self.high])
        if self.high == self.low:
            return Samples(low[None], np.ones((1, 1)), low, high, before_relu)
        # A ReLU's zeros are a spike at the edge, not spread over the first bin.
        edges = np.linspace(self.low, self.high, BINS + 1)
        centres = (edges[:-1] + edges[1:]) / 2
        if self.low == 0.0:
            centres[0] = 0.0
        return Samples(centres[None], self.counts[None], low, high, before_relu)


def collect_inputs(layers: list[Layer], run: Run) -> dict[str, Samples]:
    """Samples of the input of each layer that runs, by the layer's name.

    Args:
        layers: of the net that `run` runs.
        run: runs the net over the set; it is called twice.

    Raises:
        ValueError: an input holds NaN or infinity, or nothing ran at all.
    """
    inputs: dict[str, _Extent] = {}
    sources: dict[str, _Extent] = {}

    def widen(layer: Layer, x: Tensor, before: Tensor | None) -> None:
        if not torch.isfinite(x).all():
            raise ValueError(
                f"expected finite activations, got NaN or infinity into layer {layer.name!r}"
            )
        inputs.setdefault(layer.name, _Extent()).widen(x)
        if before is not None:
            sources.setdefault(layer.name, _Extent()).widen(before)

    def count(layer: Layer, x: Tensor, before: Tensor | None) -> None:
        inputs[layer.name].count(x)
        if before is not None:
            sources[layer.name].count(before)

    for visit in (widen, count):
        with _watched(layers, visit):
            run()
    if not inputs:
        raise ValueError("expected calibration that runs the net, got an empty one")
    return {
        name: extent.samples(sources[name].samples(None) if name in sources else None)
        for name, extent in inputs.items()
    }


def collect_outputs(layers: list[Layer], run: Run) -> dict[str, Samples]:
    """Samples of the output of each layer that runs, by the layer's name; it is run twice."""
    extents: dict[str, _Extent] = {layer.name: _Extent() for layer in layers}
    for visit in (_Extent.widen, _Extent.count):
        handles = [layer.module.register_forward_hook(_taking(visit, extents[layer.name]))
                   for layer in layers]  # fmt: skip
        try:
            with torch.no_grad():
                run()
        finally:
            for handle in handles:
                handle.remove()
    seen = {name: extent for name, extent in extents.items() if extent.high >= extent.low}
    return {name: extent.samples(None) for name, extent in seen.items()}


def _taking(
    visit: Callable[[_Extent, Tensor], None], extent: _Extent
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    return lambda module, arguments, output: visit(extent, output)


Visit = Callable[[Layer, Tensor, "Tensor | None"], None]


@contextmanager
def _watched(layers: list[Layer], visit: Visit) -> Iterator[None]:
    """Call `visit` with every floating input of the layers, and with what a ReLU made it of."""
    relus = _ReluInputs()

    def hook(layer: Layer) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def call(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
            for x in arguments:
                if x.is_floating_point():
                    visit(layer, x.detach(), relus.source(x))

        return call

    handles = [layer.module.register_forward_pre_hook(hook(layer)) for layer in layers]
    try:
        with relus, torch.no_grad():
            yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def watch_inputs(layers: list[Layer], visit: Callable[[Layer, Tensor], None]) -> Iterator[None]:
    """Call `visit` with every floating input of the layers while the block runs the net."""
    with _watched(layers, lambda layer, x, before: visit(layer, x)):
        yield
