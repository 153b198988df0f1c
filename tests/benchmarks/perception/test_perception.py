"""The study of how pictures look after coding, on the small encoder that is told captions."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.small_model import CAPTIONED, MODEL, smooth_picture

from benchmarks.codecs.point import MissingToolError
from benchmarks.perception import peers
from benchmarks.perception.__main__ import perceive
from benchmarks.perception.points import plain_points, told_points
from benchmarks.perception.rows import FILE
from benchmarks.perception.scores import OF_CAPTIONS, Scores
from benchmarks.sets.captioned import told, without_text
from checks import check_rejects
from tcsdk.train.codec.joint_map import JOINT_MAP, JointMap
from tcsdk.train.run.weights import Origin, save_weights

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def pictures():
    made = [(str(n), smooth_picture(512 + 64 * n, 512)) for n in range(2)]
    return told(made, [without_text(p, f"picture {n}") for n, p in made])


@pytest.fixture(scope="module")
def scores(pictures, tmp_path_factory):
    torch.manual_seed(4)
    file = tmp_path_factory.mktemp("joint") / "weights.safetensors"
    save_weights(file, JointMap().state_dict(), Origin(JOINT_MAP, JOINT_MAP, 1, 1))
    return Scores(pictures, {"ssimulacra2": lambda a, b: float(np.mean(a == b))}, file)


def test_a_picture_is_no_way_from_itself(pictures, scores):
    found = scores.of([picture.pixels for picture in pictures])
    assert (found["psnr"], found["ms_ssim"], found["ssimulacra2"]) == pytest.approx((99, 1, 1))
    assert (found["distance"], found["frechet"]) == pytest.approx((0, 0), abs=1e-6)
    assert found["discrepancy"] == pytest.approx(0, abs=1e-9)
    assert set(found) == set(scores.names)
    assert "cvvdp" not in found


def test_more_noise_is_farther(pictures, scores):
    rng = np.random.default_rng(2)
    found = []
    for deviation in (4, 16):
        noisy = [
            np.clip(p.pixels + rng.normal(0, deviation, p.pixels.shape), 0, 255).astype(np.uint8)
            for p in pictures
        ]
        found.append(scores.of(noisy))
    for name in ("distance", "frechet", "discrepancy"):
        assert 0 < found[0][name] < found[1][name]
    assert found[0]["psnr"] > found[1]["psnr"]
    assert found[0]["ms_ssim"] > found[1]["ms_ssim"]


def test_similarity_is_a_cosine_with_the_own_caption_and_the_next_ones(pictures, scores):
    """With two pictures the next one's caption of each is the other's own."""
    found = scores.of([picture.pixels for picture in pictures])
    crossed = scores.of([picture.pixels for picture in pictures])
    assert all(-1 <= found[name] <= 1 for name in OF_CAPTIONS)
    assert found[OF_CAPTIONS[0]] != found[OF_CAPTIONS[1]]
    assert found == crossed


def test_points_of_a_captioned_encoder_come_with_and_without_a_caption(pictures):
    points = list(told_points(CAPTIONED, (20,)))
    assert [(p.codec, p.setting) for p in points] == [
        ("small-captioned, no caption", "q20"),
        ("small-captioned, true caption", "q20"),
    ]
    files = [point.encode(pictures[0]) for point in points]
    assert files[0] != files[1]
    assert points[0].decode(files[0]).shape == pictures[0].pixels.shape
    check_rejects(lambda: list(told_points(MODEL)), ValueError, "small")


def test_other_codecs_have_the_settings_that_are_compared(pictures):
    for name, count in (("original", 1), ("webp", 3), (str(MODEL), 4)):
        points = list(plain_points(name))
        assert len(points) == count
        sizes = [len(point.encode(pictures[0])) for point in points]
        assert sizes == sorted(sizes)


def test_rows_are_measured_once_while_codec_and_pictures_are_the_same(pictures, scores, tmp_path):
    file, points = tmp_path / FILE, list(plain_points("webp"))
    perceive("waves", pictures, points, scores, file)
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["setting"] for row in rows] == ["q0", "q20", "q5"]
    assert all(row["cvvdp"] == "" and float(row["bytes"]) > 100 for row in rows)
    file.write_text(file.read_text().replace(rows[0]["bytes"], "12345.0000"))
    perceive("waves", pictures, points, scores, file)
    assert "12345.0000" in file.read_text()
    perceive("waves", pictures, [replace(points[0], version="another")], scores, file)
    assert "12345.0000" not in file.read_text()


def test_what_is_not_installed_is_said(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(peers, "import_module", missing)
    for make in peers.PEERS.values():
        check_rejects(make, MissingToolError, "peers.py")


@pytest.mark.parametrize("name", list(peers.PEERS))
def test_measures_of_others_rank_pictures(name):
    try:
        measure = peers.PEERS[name]()
    except MissingToolError as absent:
        pytest.skip(str(absent))
    one = smooth_picture(128, 96)
    noise = np.random.default_rng(3).normal(0, 1, one.shape)
    near, far = (np.clip(one + s * noise, 0, 255).astype(np.uint8) for s in (3, 20))
    assert measure(one, one) == pytest.approx({"ssimulacra2": 100, "cvvdp": 10}[name])
    assert measure(one, one) > measure(one, near) > measure(one, far)
