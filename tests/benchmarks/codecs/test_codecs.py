import shutil

import numpy as np
import pytest
from support import manifests
from support.small_model import MODEL, smooth_picture

from benchmarks import codecs
from benchmarks.codecs.djvu import binarised
from benchmarks.codecs.text import packed
from benchmarks.rate_accuracy.measures import psnr

pytestmark = pytest.mark.train

PICTURES = [name for name in codecs.PEERS if name not in ("text-alone", "djvu-cjb2")]


def points_or_skip(name):
    try:
        return codecs.points(name)
    except codecs.MissingToolError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", [*PICTURES, str(MODEL), "webp@0.75", f"{MODEL}@0.6"])
def test_every_point_gives_back_a_picture_of_the_size_and_more_bytes_more_fidelity(name):
    points = points_or_skip(name)
    image = smooth_picture(97, 130)
    ends = [
        (len(data := p.encode(image)), psnr(image, p.decode(data))) for p in (points[0], points[-1])
    ]
    assert points[0].decode(points[0].encode(image)).shape == image.shape
    assert len({p.setting for p in points}) == len(points)
    assert len({(p.codec, p.version) for p in points}) == 1
    if len(points) > 1:
        assert ends[0][0] < ends[1][0]
        assert ends[0][1] < ends[1][1]


def test_a_codec_on_smaller_pictures_is_another_codec():
    image = smooth_picture(97, 130)
    whole, small = points_or_skip("webp")[-1], points_or_skip("webp@0.5")[-1]
    assert (whole.codec, small.codec) == ("webp", "webp@0.5")
    assert len(small.encode(image)) < len(whole.encode(image))
    with pytest.raises(ValueError, match="scale"):
        codecs.points("webp@2")


def test_djvu_pages_are_black_and_white_and_of_the_full_size():
    image = np.full((90, 130, 3), 235, np.uint8)
    image[20:60, 30:90:7] = 20
    for point in points_or_skip("djvu-cjb2"):
        assert point.decode(point.encode(image)).shape == image.shape
    whole = codecs.points("djvu-cjb2")[0]
    assert np.array_equal(
        whole.decode(whole.encode(image))[..., 0], 255 * np.asarray(binarised(image), np.uint8)
    )


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(codecs.MissingToolError, match=r"cjb2.*djvulibre-bin"):
        codecs.points("djvu-cjb2")


def test_text_is_deflated_only_where_that_is_smaller():
    assert packed("ü1") == "ü1".encode()
    assert len(packed("pump station " * 20)) < 60


def test_other_weights_are_another_version(tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(MODEL, copy)
    digests = manifests.read(copy)["sha256"]
    (here,) = {p.version for p in codecs.points(str(copy))}
    first = next(iter(digests))
    manifests.edit(copy, sha256={**digests, first: "0000" + digests[first][4:]})
    (other,) = {p.version for p in codecs.points(str(copy))}
    assert here != other
