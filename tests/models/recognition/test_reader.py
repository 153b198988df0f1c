"""The reader of lines: shapes, size, and the folding of its normalisations."""

import pytest
import torch

from tcsdk.model.grids import LINE_HEIGHT, LINE_STEP
from tcsdk.models.recognition.reader import CHARACTERS, COLUMN, Reader, ReaderConfig, fold
from tcsdk.models.registry import crop_net

pytestmark = pytest.mark.train
SMALL = ReaderConfig(8, 12, 16, 20, (1, 1, 2), 5)


@pytest.mark.parametrize(("lines", "columns"), [(1, 1), (3, 5), (2, 40)])
def test_a_line_has_a_step_of_classes_every_four_pixels(lines, columns):
    width = COLUMN * columns
    logits = Reader(SMALL).eval()(torch.rand(lines, 3, LINE_HEIGHT, width))
    assert logits.shape == (lines, 1 + 5, 1, width // LINE_STEP)
    assert logits.dtype == torch.float32


def test_the_shipped_size_is_what_a_device_can_afford():
    net, taps = Reader(), 0
    assert sum(p.numel() for p in net.parameters()) == 1_364_942

    def count(layer, _, output):
        nonlocal taps
        taps += layer.weight[0].numel() * output[0].numel()

    for layer in net.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(count)
    net(torch.rand(1, 3, LINE_HEIGHT, 320))
    assert taps == 11_792 * LINE_HEIGHT * 320


def test_it_is_made_of_convolutions_and_relu_alone():
    kinds = {type(m) for m in Reader().modules() if not list(m.children())}
    assert kinds == {torch.nn.Conv2d, torch.nn.Identity}


def test_folding_changes_nothing_but_the_form():
    torch.manual_seed(1)
    net = Reader(SMALL, learns=True).train()
    for _ in range(3):
        net(torch.rand(4, 3, LINE_HEIGHT, 48))  # normalisations that are not one
    lines = torch.rand(2, 3, LINE_HEIGHT, 64)
    with torch.no_grad():
        expected, folded = net.eval()(lines), fold(net)
        assert torch.allclose(folded(lines), expected, atol=1e-5)
    assert not any("norm" in name for name in folded.state_dict())


def test_steps_of_a_line_run_from_left_to_right():
    """What is drawn at the right end moves the last steps, and the first ones not at all."""
    torch.manual_seed(2)
    net = Reader(ReaderConfig(8, 12, 16, 20, (1, 1, 1), 5)).eval()
    blank = torch.full((1, 3, LINE_HEIGHT, 320), 0.5)
    marked = blank.clone()
    marked[..., 300:] = 1.0
    with torch.no_grad():
        moved = (net(marked) - net(blank)).abs().amax((0, 1, 2))
    assert moved[-5:].min() > 1e-4
    assert moved[:40].max() == 0


def test_characters_are_printable_ascii_and_signs_each_once():
    assert set(map(chr, range(32, 127))) < set(CHARACTERS)
    assert len(set(CHARACTERS)) == len(CHARACTERS) == 102
    assert set("°€£²³µ±") < set(CHARACTERS)


def test_weights_must_be_the_nets():
    net = crop_net(Reader().state_dict(), "reader")
    assert isinstance(net, Reader)
    assert not net.training
    with pytest.raises(ValueError, match="expected the weights of the net reader"):
        crop_net({}, "reader")
    with pytest.raises(ValueError, match=r"one of the nets reader, .*got 'edge'"):
        crop_net({}, "edge")
