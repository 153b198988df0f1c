"""Rows of what the cache holds: F1 of places and of words, of pictures that are complete."""

import numpy as np
import pytest

from benchmarks.guidance.arms import Plan, bounds, split
from benchmarks.guidance.files import merged
from benchmarks.guidance.measuring import sent_key, tasks_of
from benchmarks.guidance.models import Model
from benchmarks.guidance.rows import summarise
from benchmarks.rate_accuracy.cache import Cache, Measured
from benchmarks.rate_accuracy.measuring import key_of
from benchmarks.sets import KnownLine, Picture

pytestmark = pytest.mark.train
QUALITY = 16


def quad(x, y):
    return np.array([(x, y), (x + 60, y), (x + 60, y + 12), (x, y + 12)], np.float32)


def picture(name):
    image = np.full((64, 256, 3), len(name), np.uint8)
    lines = (KnownLine("EXIT", quad(10, 5)), KnownLine("4071", quad(100, 5)))
    return Picture(name, image, lines, np.zeros((64, 256), bool))


@pytest.fixture
def plan():
    models = [Model.find("tfic-int8"), Model.find("textboost-int8")]
    return Plan([], models, [QUALITY], models[:1], [QUALITY])


TASKS = tasks_of(["ppocr"])
FOUND = [("EXIT", quad(10, 5)), ("4011", quad(101, 5)), ("x", quad(180, 40))]


def fill(cache, arms, pictured):
    """Every arm of 100 bytes and 30 dB; sent words wrong where they are."""
    for arm in arms:
        fidelity, page = (key_of(pictured, arm.point, task) for task in TASKS)
        cache.add(fidelity, Measured(100, [30.0, None]))
        found = [[text, 1.0, q.ravel().tolist()] for text, q in FOUND]
        cache.add(page, Measured(100, found))
        if arm.model:
            text = "4011" if arm.codec.endswith("wrong strings") else "4071"
            line = [text, quad(100, 5).ravel().tolist(), "4O71", True]
            cache.add(sent_key(pictured, arm), Measured(100, {"bytes": 9, "lines": [line]}))


def test_a_row_per_arm_says_what_was_found_and_read(plan, tmp_path):
    cache, pictured = Cache(tmp_path / "scene.csv"), picture("a")
    fill(cache, plan.arms(pictured), pictured)
    found = summarise("scene", [pictured, picture("bb")], plan, TASKS, cache)
    rows = {row["codec"]: row for row in found.points}
    model = "textboost-int8"
    controls = [f"{model}, {name}" for name in ("true strings", "wrong strings", "strings alone")]
    assert list(rows) == ["original", "tfic-int8", model, "tfic-int8, roi", *controls]
    assert {row["pictures"] for row in found.points} == {"1"}
    row = rows[model]
    assert (row["bytes"], row["text_bytes"], row["psnr"]) == ("100.0", "9.0", "30.000")
    assert row["bpp"] == f"{800 / (64 * 256):.5f}"
    assert float(row["boxes"]) == pytest.approx(2 * 2 / 5, abs=1e-4)
    assert float(row["ppocr"]) == pytest.approx(2 * 1 / 5, abs=1e-4)
    assert row["english_g2"] == row["ms_ssim"] == ""
    alone = rows[controls[-1]]
    assert (alone["bytes"], float(alone["english_g2"])) == ("", pytest.approx(2 / 3, abs=1e-4))
    (trust,) = found.trust
    assert (trust["codec"], trust["setting"]) == (model, f"q{QUALITY}")
    assert [trust[k] for k in ("wrong", "read_ppocr", "flagged", "sure_ppocr")] == [*"1110"]
    assert trust["unguided_other"] == "1"


def test_nothing_complete_has_no_rows(plan, tmp_path):
    cache, pictured = Cache(tmp_path / "scene.csv"), picture("a")
    fill(cache, list(plan.arms(pictured))[:-1], pictured)
    assert summarise("scene", [pictured], plan, TASKS, cache).points == []


def test_peers_stand_at_their_coarsest_points_and_models_by_family():
    peers, models = split(["webp", "tfic-int8", "webp@0.5"], 2)
    assert [(p.codec, p.setting) for p in peers] == [
        ("webp", "q0"), ("webp", "q2"), ("webp@0.5", "q0"), ("webp@0.5", "q2"),
    ]  # fmt: skip
    assert [model.name for model in models] == ["tfic-int8"]
    assert Model.find(str(models[0].folder.path)).folder.family == "tfic"


def test_bounds_lie_within_the_picture():
    shape = (128, 256)
    corners = np.array([(60.2, 40.0), (150.0, 40.0), (150.0, 53.5), (60.2, 53.5)], np.float32)
    assert bounds(corners, shape) == (60, 40, 90, 14)
    assert bounds(corners + 300, shape) == (255, 127, 1, 1)


def test_rows_stand_beside_those_of_other_codecs_over_the_same_pictures():
    def row(codec, digest, size):
        return {"codec": codec, "setting": "q8", "digest": digest, "bytes": size}

    before = [row("tfic", "a", "9"), row("avif", "a", "8"), row("webp", "b", "7")]
    after = merged(before, [row("avif", "a", "6"), row("jpeg", "a", "5")])
    assert [(r["codec"], r["bytes"]) for r in after] == [
        ("tfic", "9"),
        ("avif", "6"),
        ("jpeg", "5"),
    ]
