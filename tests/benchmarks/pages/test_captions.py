"""The page of captions says what the rows say."""

import csv

import pytest

from benchmarks.pages.captions import main, page
from benchmarks.perception.scores import MEASURES
from checks import check_rejects


def write(file, rows):
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def results(tmp_path):
    head = {"set": "kodak", "pictures": "24", "digest": "d1"}
    rows = [
        head
        | {"codec": codec, "version": "1", "setting": f"q{q}", "bytes": f"{factor * 100 * q}"}
        | {"bpp": "0.1"}
        | {name: "" if name == "cvvdp" else f"{sign * q}" for name, sign in signs.items()}
        for signs in [
            {m: -1 if m in ("distance", "frechet", "discrepancy") else 1 for m in MEASURES}
        ]
        for codec, factor in (("base-fp32", 1.0), ("taco, no caption", 0.5))
        for q in (10, 20, 30)
    ]
    write(tmp_path / "perception.csv", rows)
    return tmp_path


def test_bytes_at_equal_measure_are_against_the_codecs(results):
    lines = page(results).splitlines()
    halves = next(line for line in lines if line.startswith("| taco, no caption | -50"))
    cells = halves.strip("|").split("|")[1:]
    assert [cell.strip() for cell in cells] == ["-50", "-50", "-50", "-", "-50", "-50", "-50"]
    assert any(line.startswith("| base-fp32 | q20 | 2000 | 20.00 |") for line in lines)


def test_parts_that_are_not_measured_are_left_out(results):
    text = page(results)
    assert "## How pictures look" in text
    assert "## Trained" not in text
    row = {"model": "taco", "precision": "fp32", "threads": "1", "clock": "wall", "turns": "9"}
    write(results / "captions_speed.csv", [{**row, "codec_ms": "20.00", "machine": "two cores"}])
    assert "| taco | fp32 | 1 | wall | 9 | 20.00 |" in page(results)
    assert page(results).endswith("\ntwo cores\n")


def test_nets_are_shown_over_all_their_seeds(results):
    row = {"pictures": "rendered", "model": "taco-none", "over": "taco-true", "quality": "all"}
    numbers = {"count": "9", "difference": "-0.5", "low": "-1.2", "high": "0.25", "verdict": "yes"}
    write(
        results / "captions_trained.csv",
        [
            {**row, "seeds": seeds, "measure": "bytes_%", **numbers, "difference": found}
            for seeds, found in (("1", "-9.0"), ("1+2", "-0.5"), ("2", "8.0"))
        ],
    )
    line = "| rendered | taco-none over taco-true | 1+2 | -0.50 (-1.20 to +0.25) yes |"
    assert line in page(results)
    assert "-9.0" not in page(results)


def test_what_is_simulated_has_a_part_of_its_own(results):
    row = {"pictures": "rendered", "model": "taco-hand:rule", "over": "taco-hand", "seeds": "1"}
    numbers = {"count": "9", "difference": "0.5", "low": "-1.2", "high": "2.25", "verdict": "no"}
    write(
        results / "captions_simulated.csv",
        [{**row, "quality": "all", "measure": "bytes_%", **numbers}],
    )
    made = page(results)
    assert "## Trained" not in made
    own = made[made.index("## Simulated") :]
    assert "| rendered | taco-hand:rule over taco-hand | 1 | +0.50 (-1.20 to +2.25) no |" in own


def test_the_page_is_written(results, tmp_path):
    main(["--results", str(results), "--output", str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text() == page(results)


def test_nothing_measured_is_refused(tmp_path):
    check_rejects(lambda: page(tmp_path), FileNotFoundError, "perception.csv")
