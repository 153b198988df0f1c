import shutil

import pytest
from support import manifests
from support.small_model import MODEL

from benchmarks.codecs.ours import model_version
from benchmarks.pages import card
from benchmarks.rate_accuracy.rows import Row, write_rows
from benchmarks.rate_accuracy.trust import bound, least_trusted
from tcsdk.model.read import read_model_folder

pytestmark = pytest.mark.train


def row(codec, version, quality, confident):
    values = {
        "psnr": 30.0,
        "ms_ssim": 0.9,
        "accuracy": 0.5 + quality / 200,
        "accuracy_low": 0.4,
        "accuracy_high": 0.9,
        "figures_share": 0.4,
        "figures_characters": 3000.0,
        "figures_accuracy": 0.9,
        "figures_erasures": 1.0,
        "figures_substitutions": 9.0,
        "figures_confident": confident,
        "figures_confident_high": confident + 1.0,
        "figures_misleading": confident,
        "figures_certain": 951.0,
        "figures_mistaken": 7.7,
    }
    return Row(
        "rendered", 9, "d", codec, version, f"q{quality}", "ppocr", 100.0 + quality, 1.0, **values
    )


ORIGINAL = row("original", "png", 0, 2.0)


def curve(*confident):
    return [row("m", "v", 8 * i, value) for i, value in enumerate(confident)]


@pytest.mark.parametrize(
    ("confident", "expected"),
    [((9, 3.1, 2.9, 3.0), 16), ((1, 1, 1), 0), ((1, 4, 2), 16), ((0, 0, 3.1), None)],
)
def test_trust_begins_where_no_higher_quality_is_worse_than_the_picture_itself(confident, expected):
    assert least_trusted(curve(*confident), ORIGINAL) == expected


def test_a_reader_without_a_mistake_still_leaves_room_for_chance():
    spotless = row("original", "png", 0, 0.0)
    assert bound(spotless) == pytest.approx(1000 * 3 / 3000)
    assert bound(ORIGINAL) == 3.0


@pytest.fixture
def folder(tmp_path):
    target = tmp_path / "model"
    shutil.copytree(MODEL, target)
    return target


@pytest.fixture
def measured(folder, tmp_path):
    """Results of the folder's weights beside a peer's."""
    model = read_model_folder(folder)
    version = model_version(model, model.default_precision["cpu"])
    ours = [row("m", version, 0, 9.0), row("m", version, 8, 1.0)]
    peer = [row("avif", "libavif 1", 0, 5.0), row("avif", "libavif 1", 30, 1.0)]
    results = tmp_path / "results"
    write_rows([ORIGINAL, *ours, *peer], results / "rate_accuracy_rendered.csv")
    return results


def run(folder, results):
    card.main([str(folder), "--results", str(results)])
    return (folder / "card.md").read_text()


def test_prose_is_left_alone_and_the_measured_part_replaced(folder, measured):
    before = f"# m\nProse.\n{card.BEGIN}\nold\n{card.END}\n## Limits\nMore prose.\n"
    (folder / "card.md").write_text(before)
    text = run(folder, measured)
    head, tail = before.split("\nold\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert "\nold\n" not in text
    assert "**ppocr: do not trust figures below quality 8**" in text
    assert "| rendered | 9 | ppocr | accuracy | 0.500 | 108: 0.540 | - | - | - |" in text
    assert "avif" not in text
    assert text == run(folder, measured)


def test_a_card_without_the_comments_gets_them_at_its_end(folder, measured):
    (folder / "card.md").write_text("# m\nProse.\n")
    text = run(folder, measured)
    assert text.startswith("# m\nProse.\n\n## Measured by the harness\n" + card.BEGIN)
    assert text.endswith(card.END + "\n")


@pytest.mark.parametrize("broken", [card.BEGIN, card.END, f"{card.END}\n{card.BEGIN}"])
def test_broken_comments_are_refused_and_the_card_kept(folder, measured, broken):
    (folder / "card.md").write_text(broken)
    with pytest.raises(ValueError, match="expected one"):
        run(folder, measured)
    assert (folder / "card.md").read_text() == broken


def test_results_of_other_weights_are_refused(folder, measured):
    (folder / "card.md").write_text("# m\n")
    manifest = manifests.read(folder)
    path = measured / "rate_accuracy_rendered.csv"
    path.write_text(path.read_text().replace(",m,", f",{manifest['family']},"))
    run(folder, measured)
    precision = manifest["default_precision"]["cpu"]
    name = manifest["precisions"][precision]["files"][0]
    manifest["sha256"][name] = "0" * 64
    manifests.save(folder, manifest)
    kept = (folder / "card.md").read_text()
    with pytest.raises(card.OtherWeightsError, match="measure these weights"):
        run(folder, measured)
    assert (folder / "card.md").read_text() == kept


def test_without_results_the_command_that_makes_them_is_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m benchmarks\.rate_accuracy"):
        run(folder, tmp_path / "nothing")
