"""The study of nets that were trained with true and false captions."""

import csv
import shutil
from dataclasses import replace

import pytest
from support.captioned_model import ZOO, random_weights
from support.small_model import smooth_picture

import tcsdk
from benchmarks.sets.captioned import told, without_text
from benchmarks.studies.captions import as_text
from benchmarks.studies.captions_trained import (
    COMPARISONS,
    DONE,
    STREAMS,
    Net,
    measure,
    trained_nets,
    write,
)
from checks import check_rejects
from tcsdk.codec.caption import piece_numbers
from tcsdk.export.captioned import write_captioned
from tcsdk.models.families import CaptionedFamily
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.told_as import told_as

pytestmark = pytest.mark.train
QUALITIES = (10, 40)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two trainings that are over and one that is not."""
    folder = tmp_path_factory.mktemp("runs")
    for recipe, gamma in (("taco-true", 1.0), ("taco-none", 0.5), ("taco-shuffled", 2.0)):
        run = folder / "1" / recipe
        run.mkdir(parents=True)
        random_weights(run / "weights.safetensors", recipe, gamma)
        if recipe != "taco-shuffled":
            (run / DONE).touch()
    return folder


@pytest.fixture(scope="module")
def pictures():
    pictures = [(str(n), smooth_picture(64 + 64 * n, 64)) for n in range(2)]
    said = ("a red sign", "a sign of it"), ("a wall", "a wall that is red")
    return told(pictures, [without_text(p, *s) for (_, p), s in zip(pictures, said, strict=True)])


@pytest.fixture(scope="module")
def results(runs, pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    nets = list(trained_nets(runs))
    rows = measure(nets, ZOO / "tfic", "waves", pictures, QUALITIES, folder)
    return folder, nets, rows


def test_only_trainings_that_are_over_count(runs):
    assert [(n.recipe, n.seed, n.given) for n in trained_nets(runs)] == [
        ("taco-none", 1, "none"),
        ("taco-true", 1, "true"),
    ]


def test_each_net_codes_with_the_captions_of_its_training(results, runs, pictures, tmp_path):
    _, _, rows = results
    assert len(rows) == 2 * 2 * len(QUALITIES)
    shutil.copytree(ZOO / "tfic", tmp_path / "tfic")
    for recipe in ("taco-true", "taco-none"):
        row = CaptionedFamily("edge-captioned", (recipe,), "tfic")
        write_captioned(runs / "1" / recipe, "mine", row, tmp_path / "mine")
        encoder = tcsdk.Encoder(tmp_path / "mine", device="cpu", precision="fp32")
        caption = "a wall" if recipe == "taco-true" else None
        data = encoder.encode(pictures[1].pixels, quality=40, caption=caption, scale=1.0)
        other = encoder.encode(pictures[1].pixels, quality=40, caption="a red sign", scale=1.0)
        found = next(r for r in rows if (r.model, r.picture, r.quality) == (recipe, "1", 40))
        assert found.bytes == len(data) != len(other)


def test_rows_are_measured_again_only_for_other_weights(results, pictures, tmp_path):
    folder, nets, rows = results
    shutil.copy(folder / STREAMS, tmp_path / STREAMS)
    marked = (tmp_path / STREAMS).read_text().replace(f",{rows[0].bytes},", ",12345,")
    (tmp_path / STREAMS).write_text(marked)
    again = measure(nets, ZOO / "tfic", "waves", pictures, QUALITIES, tmp_path)
    assert 12345 in {row.bytes for row in again}
    renamed = [replace(net, weights="others") for net in nets]
    anew = measure(renamed, ZOO / "tfic", "waves", pictures, QUALITIES, tmp_path)
    assert [as_text(replace(row, weights="")) for row in anew] == [
        as_text(replace(row, weights="")) for row in rows
    ]


def test_nets_are_compared_with_one(results):
    folder, _, rows = results
    write(rows, "taco-true", folder)
    with (folder / COMPARISONS).open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {(row["model"], row["over"], row["seeds"]) for row in table} == {
        ("taco-none", "taco-true", "1")
    }
    assert len(table) == 3 * len(QUALITIES) + 4


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("taco-true", ["a red sign", "a wall"]),
        ("taco-shuffled", ["a wall", "a red sign"]),
        ("taco-none", ["", ""]),
        ("taco-hand", ["a sign of it", "a wall that is red"]),
        ("taco-keywords", ["sign", "wall, red"]),
    ],
)
def test_captions_are_worded_as_in_the_training(recipe, said, pictures, tmp_path):
    net = Net(tmp_path, recipe, 1, RECIPES[recipe].data.captions, "")
    assert net.captions(pictures) == said
    pieces = told_as(recipe, [picture.seen for picture in pictures])
    assert [list(row) for row in pieces.numbers] == [list(piece_numbers(text)) for text in said]
    assert not net.unfit


def test_a_net_whose_decoder_learnt_is_left_out(tmp_path):
    assert "decoder" in Net(tmp_path, "taco-open", 1, "true", "").unfit


def test_weights_without_captions_are_refused(tmp_path):
    run = tmp_path / "1" / "tfic"
    run.mkdir(parents=True)
    random_weights(run / "weights.safetensors", "tfic")
    (run / DONE).touch()
    check_rejects(lambda: list(trained_nets(tmp_path)), ValueError, "tfic")
