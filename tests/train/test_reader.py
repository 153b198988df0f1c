"""The reader of the loss is the OCR that users run, and gradients pass through it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")
ort = pytest.importorskip("onnxruntime", reason="needs the [train] extra: make test-train")

from PIL import Image, ImageDraw, ImageFont  # noqa: E402

from tcsdk.train.reader import (  # noqa: E402
    LINE_HEIGHT,
    LineBatch,
    Reader,
    line_width,
    warp_lines,
)
from tcsdk.train.reader_network import reader_path  # noqa: E402

pytestmark = pytest.mark.train

TEXT = "Invoice 4071"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def written():
    """A picture (1, 3, 64, 256) with TEXT in Pillow's own font, and its line."""
    image = Image.new("RGB", (256, 64), (236, 230, 215))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    draw.text((20, 14), TEXT, font=font, fill=(30, 30, 40))
    left, top, right, bottom = draw.textbbox((20, 14), TEXT, font=font)
    quad = [
        [left - 3, top - 3],
        [right + 3, top - 3],
        [right + 3, bottom + 3],
        [left - 3, bottom + 3],
    ]
    picture = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
    return picture, LineBatch(torch.tensor([0]), torch.tensor([quad], dtype=torch.float32), (TEXT,))


def test_it_reads_what_is_written(reader, written):
    assert reader.read(*written) == [TEXT]


def test_it_equals_onnx_runtime(reader, written):
    lines = warp_lines(*written)
    bgr = (lines.flip(1) * 2 - 1).numpy()
    (expected,) = ort.InferenceSession(str(reader_path())).run(None, {"x": bgr})
    with torch.no_grad():
        got = reader.network(torch.from_numpy(bgr)).softmax(-1).numpy()
    assert np.abs(got - expected).max() < 1e-3


def test_loss_is_small_on_the_truth_and_large_on_another_text(reader, written):
    picture, lines = written
    right = reader.loss(picture, lines).item()
    wrong = reader.loss(picture, LineBatch(lines.picture, lines.quads, ("Zebra 99-XQ",))).item()
    assert right < 1.0 < wrong


def test_gradient_reaches_the_lines_pixels_only(reader, written):
    picture, lines = written
    picture = picture.clone().requires_grad_()
    reader.loss(picture, lines).sum().backward()
    assert picture.grad[..., 20:40, 30:120].abs().sum() > 0
    assert picture.grad[..., :4, :].abs().sum() == 0


def test_unknown_characters_cannot_be_encoded(reader):
    assert reader.encode("a\u0000b") is None
    assert len(reader.encode("ab 1")) == 4


def test_lines_with_unknown_characters_are_refused(reader, written):
    picture, lines = written
    unknown = LineBatch(lines.picture, lines.quads, ("a\u0000b",))
    with pytest.raises(ValueError, match=r"got \['\\x00'\] in 'a\\x00b'"):
        reader.loss(picture, unknown)


def test_upright_line_is_cut_exactly():
    picture = torch.rand(1, 3, LINE_HEIGHT, 96)
    quad = torch.tensor([[[0, 0], [96, 0], [96, 48], [0, 48]]], dtype=torch.float32)
    cut = warp_lines(picture, LineBatch(torch.tensor([0]), quad, ("x",)))
    assert line_width(quad).tolist() == [96]
    assert torch.allclose(cut, picture, atol=1e-5)
