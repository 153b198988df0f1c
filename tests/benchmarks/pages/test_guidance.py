"""The page of guidance says what the rows say, and of what there are none."""

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

from benchmarks.guidance.curves import at_rate
from benchmarks.guidance.files import write
from benchmarks.guidance.tables import ablation_table, rates_table
from benchmarks.guidance.tally import HEADER
from benchmarks.guidance.trust import Counts
from benchmarks.pages import guidance_crops
from benchmarks.pages.guidance import main, page
from benchmarks.sets import Picture
from checks import check_rejects
from tcsdk.codec.sent_text import SentLine

pytestmark = pytest.mark.train


def row(codec, setting, bpp, f1, **more):
    cells = dict.fromkeys(HEADER, "")
    cells |= {"set": "scene", "pictures": "4", "digest": "d1", "codec": codec, "setting": setting}
    cells |= {"bpp": str(bpp), "bytes": str(bpp * 1e5), "psnr": "22.0"} if bpp else {}
    for name in ("boxes", "ppocr", "english_g2"):
        cells |= {f"{name}{end}": str(f1) for end in ("", "_low", "_high")}
    return cells | more


ROWS = [
    row("original", "png", 7.0, 0.6),
    *(row("tfic-int8", f"q{q}", 0.01 * 2**q, 0.1 * 2**q) for q in range(3)),
    *(row("textboost-int8", f"q{q}", 0.01 * 2**q, 0.2 * 2**q) for q in range(3)),
    *(row("tfic-int8, roi", f"q{q}", 0.01 * 2**q, 0.05 * 2**q, psnr="23.0") for q in range(3)),
    row("textboost-int8, true strings", "q1", 0.02, 0.5),
    row("textboost-int8, wrong strings", "q1", 0.02, 0.3),
    row("textboost-int8, strings alone", "", "", 0.55),
]


@pytest.fixture
def results(tmp_path):
    write(ROWS, tmp_path / "guidance_scene.csv")
    counts = Counts(wrong=8, read_ppocr=4, flagged=3, sure_ppocr=2, right_lines=9, right_flagged=1)
    head = {"set": "scene", "pictures": "4", "digest": "d1"}
    trust = {**head, "codec": "textboost-int8", "setting": "q1", **counts.cells()}
    write([trust], tmp_path / "guidance_scene_trust.csv")
    return tmp_path


def cells_of(text, begins):
    (line,) = [line for line in text.splitlines() if line.startswith(begins)]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_values_lie_between_the_points_and_nowhere_else():
    points = [(0.01, 0.1), (0.02, 0.2), (0.04, 0.4)]
    assert at_rate(points, 0.02) == pytest.approx(0.2)
    assert at_rate(points, 0.01 * 2**1.5) == pytest.approx(0.3)
    assert np.isnan(at_rate(points, 0.009))
    assert np.isnan(at_rate(points, 0.041))
    assert "0.0225 | tfic-int8 " in rates_table(ROWS)


def test_the_ablation_has_what_is_measured_and_says_what_is_not():
    table = ablation_table(ROWS)
    assert table.count("not measured") == 4 + 4 + 2
    whole = cells_of(table, "| textboost | the same")
    assert whole[2] == "measured"
    assert whole[-2:] == ["+100", "+100"]
    assert cells_of(table, "| tfic |")[-1] == "-"
    assert cells_of(table, "| textboost-plain |")[2] == "not measured"
    assert cells_of(table, "| elic-s |")[2] == "not measured"


def test_a_page_has_figures_regions_strings_and_trust(results):
    text = page(results, results)
    for name in ("read", "fidelity"):
        assert (results / "images" / f"guidance_scene_{name}.png").stat().st_size > 5_000
        assert f"(images/guidance_scene_{name}.png)" in text
    roi = cells_of(text, "| tfic-int8, roi over")
    assert (float(roi[1]) < 0, roi[5]) == (True, "+1.00")
    assert float(cells_of(text, "| textboost-int8 over")[1]) > 0
    assert cells_of(text, "| textboost-int8 | the listed ones")[4:6] == ["0.500", "0.500"]
    assert cells_of(text, "| textboost-int8 | the device's without")[2] == "-"
    trust = cells_of(text, "| textboost-int8 | q1 | 8 |")
    assert (trust[3], "2 (0.25)" in trust, trust[-1]) == ("4", True, "1 of 9")
    assert "Kodak" not in text
    assert "guidance_crops.jpg" not in text


def test_the_page_is_written_with_what_else_is_there(results):
    (results / "sent_guidance_kodak.csv").write_text("text,quality\nno text,16\n")
    (results / "images").mkdir()
    (results / "images" / "guidance_crops.jpg").write_bytes(b"")
    main(["--results", str(results), "--output", str(results / "page.md")])
    text = (results / "page.md").read_text()
    assert "| no text | 16 |" in text
    assert "](images/guidance_crops.jpg)" in text
    prose = [line for line in text.splitlines() if not line.startswith(("|", "!"))]
    assert max(map(len, prose)) <= 100


def test_nothing_measured_is_refused(tmp_path):
    check_rejects(lambda: page(tmp_path, tmp_path), FileNotFoundError, "benchmarks.guidance")


def test_crops_show_the_sent_line_with_most_letters_of_every_codec():
    quad = np.array([(10, 30), (90, 30), (90, 44), (10, 44)], np.float32)
    lines = [SentLine("A7", quad, "sent"), SentLine("Gate 24", quad, "sent")]
    line = guidance_crops.drawn_line(lines)
    assert line.text == "Gate 24"
    assert guidance_crops.drawn_line([SentLine("no place", None, "sent")]) is None
    image = smooth_picture(128, 96)
    picture = Picture("p", image, (), np.zeros((96, 128), bool))
    model = guidance_crops.Model.find(str(MODEL))
    finer, peer = guidance_crops.ours(model, 40), guidance_crops.peer("webp")
    cells = list(guidance_crops.cells_of(picture, line, [finer, peer, finer], []))
    assert len(cells) == 4
    budget = finer(picture, None).bytes
    assert finer(picture, budget - 20).bytes <= budget - 20
    assert finer(picture, 1).setting == "q0"
    assert [len(r) for r in guidance_crops.rows_of([*cells, *cells[:1]])] == [4, 1]


def test_crops_begin_with_a_model_that_draws():
    check_rejects(lambda: guidance_crops.coders([str(MODEL)], 16), ValueError, "draws sent text")
