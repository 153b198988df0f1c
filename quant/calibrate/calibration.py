"""What flows into and out of layers over the calibration set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tcsdk.quant.clip.histogram import Histogram, Norm
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.nets.layers import Layer

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


def collect_inputs(layers: list[Layer], run: Run) -> dict[str, Samples]:
    """Samples of the input of each layer that runs, by the layer's name.

    Channels of a depthwise layer's input have steps of their own: the layer's can take them in.

    Args:
        layers: of the net that `run` runs.
        run: runs the net over the set; it is called twice.

    Raises:
        ValueError: an input holds NaN or infinity, or nothing ran at all.
    """
    inputs: dict[str, Histogram] = {}
    sources: dict[str, Histogram] = {}

    def widen(layer: Layer, x: Tensor, before: Tensor | None) -> None:
        if not torch.isfinite(x).all():
            raise ValueError(
                f"expected finite activations, got NaN or infinity into layer {layer.name!r}"
            )
        inputs.setdefault(layer.name, Histogram(_norm(layer))).widen(x)
        if before is not None:
            sources.setdefault(layer.name, Histogram(_norm(layer))).widen(before)

    def count(layer: Layer, x: Tensor, before: Tensor | None) -> None:
        normaliser = inputs[layer.name].normaliser()
        inputs[layer.name].count(x, normaliser)
        if before is not None:
            sources[layer.name].count(before, normaliser)

    for visit in (widen, count):
        with _watched(layers, visit):
            run()
    if not inputs:
        raise ValueError("expected calibration that runs the net, got an empty one")
    return {name: _of_input(histogram, sources.get(name)) for name, histogram in inputs.items()}


def _norm(layer: Layer) -> Norm:
    return Norm.SCALE if layer.depthwise else Norm.NONE


def _of_input(histogram: Histogram, source: Histogram | None) -> Samples:
    normaliser = histogram.normaliser()
    return histogram.samples(normaliser, None if source is None else source.samples(normaliser))


def collect_outputs(
    layers: Mapping[str, tuple[Layer, Norm]], run: Run, rectified: Collection[str] = ()
) -> dict[str, Samples]:
    """Samples of the output of each layer that runs, by the layer's name; it is run twice.

    Args:
        layers: by name, with what their channels are brought to.
        run: as in `collect_inputs`.
        rectified: names of those that a ReLU follows; it is then its output that is sampled.
    """
    histograms = {name: Histogram(norm) for name, (_, norm) in layers.items()}

    def widen(name: str, x: Tensor) -> None:
        histograms[name].widen(x)

    def count(name: str, x: Tensor) -> None:
        histograms[name].count(x, histograms[name].normaliser())

    for visit in (widen, count):
        handles = [
            layer.module.register_forward_hook(_taking(visit, name, name in rectified))
            for name, (layer, _) in layers.items()
        ]
        try:
            with torch.no_grad():
                run()
        finally:
            for handle in handles:
                handle.remove()
    seen = {name: histogram for name, histogram in histograms.items() if histogram.seen}
    return {name: histogram.samples(histogram.normaliser()) for name, histogram in seen.items()}


def _taking(
    visit: Callable[[str, Tensor], None], name: str, rectified: bool
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    return lambda module, arguments, output: visit(name, output.relu() if rectified else output)


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
