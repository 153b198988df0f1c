"""Readers say what a decoded picture has lost of its text, and gradients pass through them."""

from dataclasses import replace

import numpy as np
import onnxruntime as ort
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from safetensors.torch import load_file

from tcsdk.train.readers import READERS, LineBatch, Readers, aspect
from tcsdk.train.readers import detector as detecting
from tcsdk.train.readers import recogniser as recognising
from tcsdk.train.readers.lines import warp_lines
from tcsdk.train.readers.onnx_network import model_path
from tcsdk.train.readers.own import CHARACTERS, WEIGHTS, OwnNetwork, fold

pytestmark = pytest.mark.train

TEXT = "Invoice 4071"
LINE_READERS = ("ppocr", "own")


@pytest.fixture(scope="module")
def readers():
    return {name: make() for name, make in READERS.items()}


@pytest.fixture(params=sorted(READERS))
def reader(request, readers):
    return readers[request.param]


@pytest.fixture(params=LINE_READERS)
def line_reader(request, readers):
    return readers[request.param]


def as_tensor(image):
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255


@pytest.fixture(scope="module")
def image():
    """TEXT in Pillow's own font, 256x64."""
    image = Image.new("RGB", (256, 64), (236, 230, 215))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    draw.text((20, 14), TEXT, font=font, fill=(30, 30, 40))
    return image


@pytest.fixture(scope="module")
def written(image):
    """The picture (1, 3, 64, 256), and its line."""
    font = ImageFont.load_default(26)
    left, top, right, bottom = ImageDraw.Draw(image).textbbox((20, 14), TEXT, font=font)
    x0, y0, x1, y1 = left - 3, top - 3, right + 3, bottom + 3
    quads = torch.tensor([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], dtype=torch.float32)
    return as_tensor(image), LineBatch(torch.tensor([0]), quads, (TEXT,))


def nats(reader, decoded, written):
    picture, lines = written
    return reader.nats(decoded, picture, lines).item()


def test_it_reads_what_is_written(line_reader, written):
    assert line_reader.read(*written) == [TEXT]


def test_the_more_blurred_the_more_is_lost(reader, image, written):
    losses = [
        nats(reader, as_tensor(image.filter(ImageFilter.GaussianBlur(radius))), written)
        for radius in (0, 5, 12)
    ]
    assert losses[0] < 0.1 * len(TEXT)
    assert losses[0] < losses[1] < losses[2]


def test_nothing_is_lost_where_nothing_changed(readers, written):
    assert nats(readers["ppocr-detector"], written[0], written) == pytest.approx(0.0, abs=1e-5)


def test_an_empty_picture_costs_nats_of_the_same_order(readers, written):
    empty = torch.full_like(written[0], 0.8)
    losses = [nats(reader, empty, written) / len(TEXT) for reader in readers.values()]
    assert min(losses) > 1.0
    assert max(losses) / min(losses) < 10


def test_gradient_reaches_the_lines_pixels(reader, written):
    decoded = (written[0] * 0.7).requires_grad_()
    reader.nats(decoded, *written).sum().backward()
    assert torch.isfinite(decoded.grad).all()
    assert decoded.grad[..., 20:40, 30:120].abs().sum() > 0
    assert all(p.grad is None for p in reader.parameters())


def test_gradient_of_a_line_stays_within_it(line_reader, written):
    decoded = written[0].clone().requires_grad_()
    line_reader.loss(decoded, written[1]).sum().backward()
    assert decoded.grad[..., :4, :].abs().sum() == 0


def test_loss_is_small_on_the_truth_and_large_on_another_text(line_reader, written):
    picture, lines = written
    right = line_reader.loss(picture, lines).item()
    wrong = line_reader.loss(picture, replace(lines, texts=("Zebra 99-XQ",))).item()
    assert right < 2.0 < wrong


def test_lines_with_unknown_characters_are_refused(line_reader, written):
    unknown = replace(written[1], texts=("a\u0000b",))
    with pytest.raises(ValueError, match=r"got \['\\x00'\] in 'a\\x00b'"):
        line_reader.loss(written[0], unknown)


def run_onnx(path, x):
    return ort.InferenceSession(str(path)).run(None, {"x": x.numpy()})[0]


def test_recogniser_equals_onnx_runtime(readers, written):
    bgr = warp_lines(*written, height=48).flip(1) * 2 - 1
    expected = run_onnx(model_path(recognising.MODEL), bgr)
    with torch.no_grad():
        got = readers["ppocr"].network(bgr).softmax(-1).numpy()
    assert np.abs(got - expected).max() < 1e-3


def test_detector_equals_onnx_runtime(readers, written):
    expected = run_onnx(model_path(detecting.MODEL), written[0].flip(1) * 2 - 1)
    with torch.no_grad():
        got = readers["ppocr-detector"].logits(written[0]).sigmoid().numpy()
    assert expected.max() > 0.9  # it finds the line
    assert np.abs(got - expected).max() < 1e-3


def test_folded_network_equals_the_trained_one():
    trained, folded = OwnNetwork(), OwnNetwork()
    for net in (trained, folded):
        net.load_state_dict(load_file(WEIGHTS))
        net.eval()
    lines = torch.rand(2, 1, 32, 64)
    with torch.no_grad():
        assert torch.allclose(fold(folded)(lines), trained(lines), atol=1e-3)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())


def test_own_weights_are_half_precision_and_small():
    weights = load_file(WEIGHTS)
    assert {w.dtype for w in weights.values()} == {torch.float16}
    assert weights["classes.weight"].shape[0] == len(CHARACTERS) == 96
    assert WEIGHTS.stat().st_size <= 3_000_000


def test_readers_are_drawn_by_weight_and_by_the_generator():
    readers = Readers((("own", 3.0), ("ppocr-detector", 1.0)))
    drawn = [readers.draw(torch.Generator().manual_seed(i)) for i in range(400)]
    assert drawn == [readers.draw(torch.Generator().manual_seed(i)) for i in range(400)]
    assert 0.65 < drawn.count("own") / 400 < 0.85
    assert type(readers["own"]) is READERS["own"]


@pytest.mark.parametrize("weights", [(), (("tesseract", 1.0),), (("own", 0.0),)])
def test_readers_without_name_or_weight_are_refused(weights):
    with pytest.raises(ValueError, match="expected positive weights for some of ppocr"):
        Readers(weights)


def test_upright_line_is_cut_exactly():
    picture = torch.rand(1, 3, 48, 96)
    quad = torch.tensor([[[0, 0], [96, 0], [96, 48], [0, 48]]], dtype=torch.float32)
    cut = warp_lines(picture, LineBatch(torch.tensor([0]), quad, ("x",)), height=48)
    assert aspect(quad).tolist() == [2.0]
    assert torch.allclose(cut, picture, atol=1e-5)


def test_past_a_short_lines_end_is_grey():
    quads = torch.tensor([[[0, 0], [w, 0], [w, 8], [0, 8]] for w in (32, 16)]).float()
    lines = LineBatch(torch.zeros(2, dtype=torch.int64), quads, ("x", "y"))
    cut = warp_lines(torch.ones(1, 3, 8, 32), lines, height=32)
    assert cut.shape == (2, 3, 32, 128)
    assert (cut[1, :, :, :64] == 1.0).all()
    assert (cut[1, :, :, 64:] == 0.5).all()
