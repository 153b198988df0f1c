"""What each layer costs at each width: one measured pass, kept in a file."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor, nn

from tcsdk.output import write_file
from tcsdk.quant.allocate.allocation import complete
from tcsdk.quant.judge.objectives import Objective, digest_of
from tcsdk.quant.nets.layers import Layer

WIDTHS = (2, 3)  # measured; what more bits cost drowns in the noise of a few pictures
_log = logging.getLogger(__name__)


def weights_digest(net: nn.Module) -> str:
    """What identifies a net's weights, as 16 hexadecimal digits."""
    state = net.state_dict()
    return digest_of(*(part for name in sorted(state) for part in (name, state[name])))


# A layer and a width -> what differs from the float net's state.
Change = Callable[[Layer, int], Mapping[str, Tensor]]


def measure_sensitivity(
    net: nn.Module,
    layers: list[Layer],
    objective: Objective,
    change: Change,
    how: str,
    cache: Path | None,
) -> dict[str, dict[int, float]]:
    """Loss of each layer at 2..8 bits with all others in float, on the "quick" samples.

    Args:
        net: in float, which the layers belong to.
        layers: to measure.
        objective: judges.
        change: quantises a layer, corrected as it will be.
        how: what `change` depends on, beside net and samples.
        cache: folder of earlier passes, or None. A pass is found by the digests of weights,
            samples and `how`; one that was stopped goes on where it was.

    Returns:
        By layer name, then bits; in the objective's sensitivity unit.
    """
    name = f"sensitivity-{digest_of(weights_digest(net), objective.key(), how, WIDTHS)}.json"
    path = None if cache is None else cache / name
    measured = _read(path)
    reference = objective.measure(net, "quick")
    trial = copy.deepcopy(net)
    state = {key: value.clone() for key, value in net.state_dict().items()}
    for i, layer in enumerate(layers):
        if layer.name in measured:
            continue
        losses = {}
        for bits in WIDTHS:
            trial.load_state_dict({**state, **change(layer, bits)})
            losses[bits] = objective.sensitivity(reference, net, trial)
        trial.load_state_dict(state)
        measured[layer.name] = losses
        _write(path, measured)
        costs = ", ".join(f"{bits} bits {loss:.2f}" for bits, loss in losses.items())
        _log.info("layer %d of %d: %s: %s", i + 1, len(layers), layer.name, costs)
    return {layer.name: complete(measured[layer.name]) for layer in layers}


def _read(path: Path | None) -> dict[str, dict[int, float]]:
    if path is None or not path.exists():
        return {}
    kept: Mapping[str, Mapping[str, float]] = json.loads(path.read_text())
    return {name: {int(b): loss for b, loss in losses.items()} for name, losses in kept.items()}


def _write(path: Path | None, measured: Mapping[str, Mapping[int, float]]) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, (json.dumps(measured, indent=1) + "\n").encode())
