"""The row of commands that hangs on a codec's weights."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import ship
from benchmarks.pages.results import all_rows
from benchmarks.paths import RESULTS, ROOT

pytestmark = pytest.mark.train
VALUES = {"weights": "runs/w", "photos": "p", "data": "d", "fonts": "f", "runs": "runs"}


def sources_of(command: tuple[str, ...]) -> list[Path]:
    """The files that may declare a command's options."""
    if command[0] != "-m":
        return [ROOT / command[0]]
    spec = find_spec(command[1])
    assert spec is not None, command
    folder = spec.submodule_search_locations
    main = Path(folder[0], "__main__.py") if folder else Path(spec.origin)
    return [main, ROOT / "benchmarks" / "sets" / "folders.py"]


@pytest.mark.parametrize("family", ship.FAMILIES)
def test_every_command_is_there_and_knows_its_options(family):
    for step in ship.commands(family, VALUES):
        text = "".join(path.read_text(encoding="utf-8") for path in sources_of(step.command))
        for option in (part for part in step.command if part.startswith("--")):
            assert f'"{option}"' in text, (step.name, option)
        assert not any("{" in part for part in (*step.command, *step.forget))


@pytest.mark.parametrize("family", ship.FAMILIES)
def test_a_set_is_measured_again_with_all_codecs_that_its_record_has(family):
    recorded = all_rows(RESULTS)
    steps = {s.name: s.command for s in ship.commands(family, VALUES) if s.name[:4] == "set-"}
    assert steps
    for name, command in steps.items():
        rows = recorded[name.removeprefix("set-")]
        assert {row.codec for row in rows} - {"original"} <= set(command)


def test_what_is_drawn_over_tfic_hangs_on_tfic_alone():
    names = {f: [step.name for step in ship.commands(f, VALUES)] for f in ship.FAMILIES}
    assert "fusion" in names["tfic"]
    assert "set-doc" in names["tfic"]
    assert "fusion" not in names["base"]
    assert "set-natural" in names["base"]
    assert names["base"][0] == "export"


def steps_in(folder: Path) -> tuple[ship.Step, ...]:
    """Three steps, of which the second has a file and a folder of the weights before."""
    (folder / "run").mkdir()
    (folder / "rows.csv").write_text("of the weights before\n")
    forget = ("{runs}/rows.csv", "{runs}/run", "{runs}/none")
    return ship.Step("one", ("a",)), ship.Step("two", ("b",), forget=forget), ship.Step("3", ("c",))


def test_a_row_ends_at_the_first_that_fails_and_what_was_before_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(ship, "STEPS", steps_in(tmp_path))
    called = []

    def call(command: list[str]) -> int:
        called.append(command)
        return int(command[-1] == "b")

    assert ship.run(ship.commands("tfic", {**VALUES, "runs": str(tmp_path)}), call) == "two"
    assert called == [[sys.executable, "a"], [sys.executable, "b"]]
    assert not list(tmp_path.iterdir())


def test_a_step_that_a_row_goes_on_at_keeps_what_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr(ship, "STEPS", steps_in(tmp_path))
    row = ship.commands("tfic", {**VALUES, "runs": str(tmp_path)}, "two")
    assert ship.run(row, lambda command: 0) is None
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "run"}


def test_an_unknown_step_is_refused_with_those_that_there_are(capsys):
    options = [
        word for name in ("weights", "photos", "data", "fonts") for word in (f"--{name}", "x")
    ]
    with pytest.raises(SystemExit):
        ship.main(["base", *options, "--from", "fusion"])
    said = capsys.readouterr().err
    assert re.search(r"expected a step of base: export, .*; got 'fusion'", said)


def test_the_list_runs_nothing(capsys):
    options = [
        word for name in ("weights", "photos", "data", "fonts") for word in (f"--{name}", "x")
    ]
    assert ship.main(["tfic", *options, "--list"]) == 0
    assert "export: -m tcsdk.export x --photos x --verify" in capsys.readouterr().out
