"""The codec's objective, and what each step of the method is worth on a shipped codec at 4 bits."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from support.shipped import shipped_codec
from torch import nn

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.quant import Options, RateDistortion, quantize
from tcsdk.quant.judge.codec_objective import PSNR, RATE, bd_rate
from tcsdk.quant.judge.pictures import Picture, rendered

pytestmark = pytest.mark.train
SMALL = EdgeConfig(16, 16, 16, 8, (1, 1), (1, 1))


def written(index, size=(128, 64)):
    """A line of text over a gradient."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    colours = np.stack([60 + x, 200 - y, 90 + (x + y) // 2], 2) + 9 * index
    image = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    font = ImageFont.load_default(16 + 2 * index)
    ImageDraw.Draw(image).text((6, 20), f"No {5280 + index}", font=font, fill="white")
    pixels = torch.from_numpy(np.asarray(image, np.float32) / 255).permute(2, 0, 1)
    return Picture.plain(pixels.contiguous())


@pytest.fixture(scope="module")
def objective():
    return RateDistortion([written(i) for i in range(4)], [written(i) for i in (4, 5)], (16, 48))


@pytest.mark.slow
def test_every_step_of_the_method_pays_on_a_shipped_codec():
    codec = shipped_codec("base")
    objective = RateDistortion(rendered("train", 4), rendered("test", 1))
    steps = {
        "naive": Options(clip="minmax", corrections=(), activations=None),
        "clipping": Options(corrections=("spread",), activations=None),
        "allocation": Options(corrections=("spread",), activations=None, allocation="layer"),
        "correction": Options(
            corrections=("spread", "rounding", "bias"), activations=None, allocation="layer"
        ),
    }
    reports = {n: quantize(codec, objective, bits=4, options=o).report for n, o in steps.items()}
    losses = [report.calibration_loss for report in reports.values()]
    assert losses == sorted(losses, reverse=True), losses
    assert losses[-1] < 0.5 * losses[0]
    sizes = [report.packed_bytes for report in reports.values()]
    assert max(sizes) <= 1.001 * sizes[0]


def test_an_untrained_codec_has_no_objective(objective):
    torch.manual_seed(0)
    with pytest.raises(ValueError, match="is it trained"):
        quantize(EdgeCodec(SMALL), objective, bits=4)


class Pretender(nn.Module):
    """Behaves as a codec does: rate and quality rise together, and errors cost both."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            turn = torch.linalg.qr(torch.tensor([[9.0, 2, 1], [2, 7, 3], [-4, 1, 8]]))[0]
            self.layer.weight.copy_(turn[:, :, None, None])
            self.layer.bias.zero_()
        self.register_buffer("back", turn.T.clone())

    def forward(self, x, quality):
        from tcsdk.models.codecs.base import CodecOutput

        y = self.layer(x)
        step = 0.3 * 0.96 ** quality.float()[:, None, None, None]
        bits = torch.log2(1 + (y / step).abs()).sum((1, 2, 3))
        noisy = y + step * (torch.rand_like(y) - 0.5)
        x_hat = torch.einsum("ij,njhw->nihw", self.back, noisy)
        return CodecOutput(x_hat, bits, torch.zeros(len(x)), torch.zeros(len(x), 1, 1, 1))


def test_scores_are_the_same_every_time_and_leave_the_dice_alone(objective):
    net = Pretender().eval()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (objective.measure(net, "held_out") for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(first, second)
    assert objective.loss(first, second) == 0


def test_bits_and_errors_both_count(objective):
    reference = objective.measure(Pretender().eval(), "calibration")
    dearer, worse = reference.copy(), reference.copy()
    dearer[:, RATE] += np.log(1.05)
    worse[:, PSNR] -= 0.5
    assert objective.loss(reference, dearer) == pytest.approx(5.0)
    slope = objective.slopes(reference).psnr
    assert objective.loss(reference, worse) == pytest.approx(100 * np.expm1(0.5 * slope))


def test_fewer_bits_cost_rate(objective):
    reports = [
        quantize(Pretender(), objective, bits=b, options=Options(corrections=())).report
        for b in (2, 8)
    ]
    assert reports[0].loss > reports[1].loss
    assert reports[0].unit == "% of rate at equal PSNR"


def test_a_net_without_halves_is_not_tuned(objective):
    options = Options(corrections=("tuning",), clip="minmax")
    report = quantize(Pretender(), objective, bits=3, options=options).report
    assert report.layers[0].corrections == ""
    assert "tuning found nothing better and was not kept" in report.notes


def test_bd_rate_of_known_curves():
    reference = np.array([[-2.0, 30.0], [-1.0, 33.0], [0.0, 36.0], [1.0, 39.0]])
    tenth = reference + np.array([np.log(1.1), 0.0])
    assert bd_rate(reference, tenth) == pytest.approx(10.0)
    assert bd_rate(reference, reference - np.array([0.0, 1.0])) == pytest.approx(
        100 * np.expm1(1 / 3)
    )
    assert bd_rate(reference, reference + np.array([0.0, 20.0])) is None
    assert bd_rate(reference, reference[::-1]) is None


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="two or more rising qualities"):
        RateDistortion([written(0)], [written(1)], (8,))
    with pytest.raises(ValueError, match="at least one held-out picture"):
        RateDistortion([written(0)], [])
    with pytest.raises(ValueError, match="pictures with text for the reader"):
        RateDistortion([written(0)], [written(1)], reader=object())
