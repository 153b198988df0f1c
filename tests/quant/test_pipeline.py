"""Quantising small nets of super-resolution and recognition: what is asked for comes out."""

import copy
import json

import numpy as np
import pytest
import torch
from support.upscaler import upscaler
from torch import nn

from tcsdk.quant import Options, Quantised, SuperResolution, WordAccuracy, quantize
from tcsdk.quant.calibrate.calibrated import Calibrated
from tcsdk.quant.calibrate.calibration import collect_inputs
from tcsdk.quant.nets.layers import find_layers
from tcsdk.quant.options import ACTIVATION_CLIPS

pytestmark = pytest.mark.train
QUICK = Options(tuning_steps=8)


def pairs(net, count, seed):
    """Smooth pictures, and what the net makes of them with a little noise: it is its own truth."""
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand((count, 3, 4, 6), generator=generator)
    low = nn.functional.interpolate(low, (16, 24), mode="bilinear")
    with torch.no_grad():
        high = net(low) + 0.002 * torch.randn((count, 3, 32, 48), generator=generator)
    return list(low), list(high)


@pytest.fixture(scope="module")
def task():
    net = upscaler()
    return net, SuperResolution(*pairs(net, 6, 0), *pairs(net, 3, 1))


@pytest.fixture(scope="module")
def at_four(task):
    net, objective = task
    return quantize(net, objective, bits=4, options=QUICK)


def test_the_net_is_left_as_it_was(task, at_four):
    net, _ = task
    assert all(
        torch.equal(a, b) for a, b in zip(net.parameters(), upscaler().parameters(), strict=True)
    )
    assert not net[0]._forward_pre_hooks


def test_fewer_bits_lose_more_and_weigh_less(task, at_four):
    net, objective = task
    two, eight = (quantize(net, objective, bits=b, options=QUICK).report for b in (2, 8))
    assert two.loss > at_four.report.loss > eight.loss
    assert two.packed_bytes < at_four.report.packed_bytes < eight.packed_bytes


def test_each_step_is_better_than_the_one_before(task):
    net, objective = task
    steps = [
        Options(clip="minmax", corrections=(), activations=None),
        Options(corrections=(), activations=None),
        Options(corrections=("rounding", "bias"), activations=None),
    ]
    losses = [quantize(net, objective, bits=3, options=o).report.loss for o in steps]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]


def test_the_same_seed_gives_the_same_integers(task, at_four):
    net, objective = task
    again = quantize(net, objective, bits=4, options=QUICK).quantised
    for key, weight in at_four.quantised.weights.items():
        assert np.array_equal(weight.integers, again.weights[key].integers)
        assert np.array_equal(weight.step, again.weights[key].step)


def test_sizes_are_counted_as_the_paper_does_and_in_bytes(at_four):
    report = at_four.report
    weights = 16 * 3 * 9 + 16 * 4 * 9 + 12 * 16
    biases = 16 + 16 + 12
    assert report.parameters == weights + biases
    assert report.theoretical_megabits == pytest.approx((4 * weights + 32 * biases) / 1e6)
    assert report.float_megabits == pytest.approx(32 * (weights + biases) / 1e6)
    # A byte says that all channels of a layer have the same bits.
    assert report.packed_bytes == weights // 2 + 2 * (16 + 16 + 12) + 2 * biases + 3


def test_a_size_is_kept_and_what_cannot_be_is_named(task):
    net, objective = task
    report = quantize(net, objective, max_mb=0.0009, options=QUICK).report
    assert report.packed_bytes <= 900
    assert report.bits > 2
    assert all(layer.sensitivity is not None for layer in report.layers)
    with pytest.raises(ValueError, match=r"max_mb of at least 0\.000"):
        quantize(net, objective, max_mb=0.0001, options=QUICK)


def test_a_loss_is_kept_and_what_cannot_be_is_named(task):
    net, objective = task
    options = Options(corrections=("rounding", "bias"))
    report = quantize(net, objective, max_loss=15.0, options=options).report
    assert report.calibration_loss <= 15.0
    assert report.bits < 8
    with pytest.raises(ValueError, match="max_loss of at least"):
        quantize(net, objective, max_loss=1e-6, options=options)


def test_a_sensitivity_pass_is_kept(task, tmp_path, monkeypatch):
    net, objective = task
    options = Options(corrections=(), activation_clip="minmax", allocation="layer", cache=tmp_path)
    first = quantize(net, objective, bits=4, options=options).report
    (file,) = tmp_path.iterdir()
    kept = json.loads(file.read_text())
    assert set(kept) == {"0", "2", "4"}

    def fail(*arguments):
        raise AssertionError("measured again")

    monkeypatch.setattr(objective, "sensitivity", fail)
    again = quantize(net, objective, bits=4, options=options).report
    assert [layer.bits for layer in again.layers] == [layer.bits for layer in first.layers]
    with torch.no_grad():
        net[0].weight[0, 0, 0, 0] += 0.25
    try:
        with pytest.raises(AssertionError, match="measured again"):
            quantize(net, objective, bits=4, options=options)
    finally:
        with torch.no_grad():
            net[0].weight[0, 0, 0, 0] -= 0.25


@pytest.mark.parametrize("allocation", ["channel", "layer"])
def test_allocations_spend_what_is_asked_for(task, allocation):
    net, objective = task
    options = Options(allocation=allocation, tuning_steps=2)
    report = quantize(net, objective, bits=4, options=options).report
    assert 3.5 < report.bits <= 4


def test_words_are_judged_by_accuracy():
    torch.manual_seed(4)
    patterns = torch.randn(10, 3, 4, 6)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 10, bias=False))
    with torch.no_grad():
        net[1].weight.copy_(patterns.flatten(1))
    words = [(patterns[i % 10] + 0.4 * torch.randn(3, 4, 6), str(i % 10)) for i in range(40)]
    objective = WordAccuracy(
        words[:20], words[20:], lambda out: [str(int(i)) for i in out.argmax(1)]
    )
    report = quantize(net, objective, bits=8, options=QUICK).report
    assert report.figures["word accuracy, float (%)"] == 100
    assert report.loss == 0
    assert report.unit == "points of word accuracy"
    assert "tuning found nothing better and was not kept" in report.notes
    with torch.no_grad():
        net[1].weight.neg_()
    assert objective.loss(np.asarray(100.0), objective.measure(net, "held_out")) > 50


def test_without_an_objective_weights_alone_are_quantised():
    result = quantize(upscaler(), bits=3)
    assert result.quantised.inputs == {}
    assert result.report.loss is None
    assert "no objective" in result.report.notes[0]
    with pytest.raises(ValueError, match="expected an objective"):
        quantize(upscaler(), max_mb=1.0)


def test_types_not_asked_for_stay_float():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))
    quantised = quantize(net, bits=4, options=Options(types=("linear",))).quantised
    assert list(quantised.weights) == ["2.weight"]
    assert torch.equal(quantised.rest["0.weight"], net[0].weight)


def test_layers_that_never_run_are_named():
    net = upscaler()
    net.add_module("spare", nn.Linear(4, 4))
    used = nn.Sequential(*list(net)[:-1])
    net.forward = used.forward
    objective = SuperResolution(*pairs(used, 2, 0), *pairs(used, 2, 1))
    report = quantize(net, objective, bits=4, options=Options(corrections=())).report
    (note,) = [layer.note for layer in report.layers if layer.name == "spare.weight"]
    assert note == "calibration never ran it: weights alone"


def test_empty_and_damaged_calibration_is_refused(task):
    net, _ = task
    low, high = pairs(net, 2, 0)
    with pytest.raises(ValueError, match="at least one calibration picture, got none"):
        SuperResolution([], [], low, high)
    with pytest.raises(ValueError, match="finite calibration pictures"):
        SuperResolution([low[0] * float("nan")], high[:1], low, high)
    with pytest.raises(ValueError, match="as many low as high"):
        SuperResolution(low[:1], high, low, high)
    with pytest.raises(ValueError, match="got an empty one"):
        collect_inputs(find_layers(net), lambda: None)


def test_activations_that_are_not_finite_are_refused(task):
    _, objective = task
    net = upscaler()
    with torch.no_grad():
        net[0].bias[3] = float("inf")
    with pytest.raises(ValueError, match="NaN or infinity into layer '2'"):
        quantize(net, objective, bits=4, options=QUICK)


def test_constant_activations_fall_back_by_name(task):
    _, objective = task
    net = upscaler()
    with torch.no_grad():
        net[0].weight.zero_()
        net[0].bias.fill_(0.5)
    report = quantize(net, objective, bits=8, options=QUICK).report
    assert "constant input: its range is from zero to that value" in report.layers[1].note
    assert report.layers[1].input.endswith("constant")


def test_tuning_gains_and_reports_what_it_gained(task):
    net, objective = task
    options = Options(corrections=("tuning",), tuning_steps=500, clip="minmax")
    result = quantize(net, objective, bits=3, options=options)
    assert result.report.loss < result.report.untuned_loss
    assert result.report.layers[0].corrections == "tuning"
    untuned = quantize(net, objective, bits=3, options=Options(corrections=(), clip="minmax"))
    moved = result.quantised.weights["2.weight"].integers
    assert (moved != untuned.quantised.weights["2.weight"].integers).any()


def test_layers_whose_grids_cost_too_much_stay_float_by_name(task):
    _, objective = task
    net = upscaler()
    with torch.no_grad():  # one channel so loud that a grid for all has no step fine enough
        net[0].weight[0] *= 300.0
        net[2].weight[:, 0] /= 300.0
    kept = quantize(net, objective, bits=8, options=Options(corrections=()))
    spared = quantize(net, objective, bits=8, options=Options(corrections=(), grid_loss=1.0))
    assert "2" in kept.quantised.inputs
    assert "2" not in spared.quantised.inputs
    assert spared.report.loss < kept.report.loss
    assert "float arithmetic: its 8-bit grids alone cost" in spared.report.layers[1].note
    assert "float arithmetic where 8-bit grids cost too much: 2" in spared.report.notes


def test_the_best_clip_of_each_layer_is_the_one_that_costs_it_least(task):
    net, objective = copy.deepcopy(task[0]), task[1]
    with torch.no_grad():  # what one layer makes has a rare large value that matters, say
        net[0].bias[3] += 4.0
    found = Calibrated(net, objective, Options(activation_clip="best")).ranges.inputs
    reference = objective.measure(net, "quick")
    for name in found:
        costs = {}
        for clip in ACTIVATION_CLIPS:
            other = Calibrated(net, objective, Options(activation_clip=clip)).ranges.inputs[name]
            one = Quantised({}, {name: other}, dict(net.state_dict())).apply(net)
            costs[clip] = objective.sensitivity(reference, net, one)
        assert costs[found[name].clip] == min(costs.values())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clip": "median"}, "clipping method"),
        ({"activations": "int4"}, "activations of uint8, int8"),
        ({"allocation": "greedy"}, "allocation of uniform"),
        ({"corrections": ("prayer",)}, "corrections of spread"),
        ({"types": ("gru",)}, "layer types of"),
        ({"grid_loss": 0.0}, "a grid loss above 0, got 0"),
    ],
)
def test_unknown_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Options(**options)


def test_reports_hold_every_layer(at_four, tmp_path):
    at_four.report.write(tmp_path)
    page = (tmp_path / "report.md").read_text()
    record = json.loads((tmp_path / "report.json").read_text())
    assert [layer["name"] for layer in record["layers"]] == ["0.weight", "2.weight", "4.weight"]
    assert all(layer["name"] in page for layer in record["layers"])
    assert record["layers"][1]["corrections"].startswith("rounding bias")
    assert "megabits" in page


def test_plots_are_pictures(at_four, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the [bench] extra")
    from PIL import Image

    from tcsdk.quant.report.plots import plot_layers, plot_sizes

    plot_layers(at_four.report, tmp_path / "layers.png")
    plot_sizes([at_four.report], tmp_path / "sizes.png")
    for name in ("layers.png", "sizes.png"):
        with Image.open(tmp_path / name) as image:
            assert min(image.size) > 200
            assert len(image.convert("L").getcolors()) > 10
