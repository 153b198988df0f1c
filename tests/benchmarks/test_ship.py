"""The row of commands that hangs on a codec's weights."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import ship
from benchmarks.paths import ROOT
from benchmarks.sets import SETS

pytestmark = pytest.mark.train
VALUES = {"weights": "runs/w", "photos": "p", "data": "d", "runs": "runs"}


def sources_of(command: list[str]) -> list[Path]:
    """The files that may declare a command's options."""
    if command[0] != "-m":
        return [ROOT / command[0]]
    spec = find_spec(command[1])
    assert spec is not None, command
    folder = spec.submodule_search_locations
    main = Path(folder[0], "__main__.py") if folder else Path(spec.origin)
    return [main, ROOT / "benchmarks" / "sets" / "folders.py"]


@pytest.mark.parametrize("family", ship.CARD_SETS)
def test_every_command_is_there_and_knows_its_options(family):
    for step, command in ship.commands(family, VALUES):
        text = "".join(path.read_text(encoding="utf-8") for path in sources_of(command))
        for option in (part for part in command if part.startswith("--")):
            assert f'"{option}"' in text, (step.name, option)
        assert not any("{" in part for part in command)


def test_sets_are_known():
    assert {name for sets in ship.CARD_SETS.values() for name, _ in sets} <= set(SETS)


def test_what_is_drawn_over_tfic_hangs_on_tfic_alone():
    names = {f: [step.name for step, _ in ship.commands(f, VALUES)] for f in ship.CARD_SETS}
    assert "fusion" in names["tfic"]
    assert "fusion" not in names["base"]
    assert names["base"][0] == "export"


def test_a_row_goes_on_at_a_step_and_ends_at_the_first_that_fails(tmp_path, monkeypatch):
    rows = tmp_path / "rows.csv"
    rows.write_text("of the weights before\n")
    steps = [ship.Step("one", ("a",)), ship.Step("two", ("b",), forget=(rows,))]
    steps.append(ship.Step("three", ("c",)))
    monkeypatch.setattr(ship, "STEPS", tuple(steps))
    called = []

    def call(command: list[str]) -> int:
        called.append(command)
        return int(command[-1] == "b")

    assert ship.run(ship.commands("tfic", VALUES, "two"), call) == "two"
    assert called == [[sys.executable, "b"]]
    assert not rows.exists()


def test_an_unknown_step_is_refused_with_those_that_there_are(capsys):
    options = ("--weights", "w", "--photos", "p", "--data", "d")
    with pytest.raises(SystemExit):
        ship.main(["base", *options, "--from", "fusion"])
    said = capsys.readouterr().err
    assert re.search(r"expected a step of base: export, .*; got 'fusion'", said)


def test_the_list_runs_nothing(capsys):
    assert ship.main(["tfic", "--weights", "w", "--photos", "p", "--data", "d", "--list"]) == 0
    assert "export: -m tcsdk.export w --photos p --verify" in capsys.readouterr().out
