"""All that hangs on a codec's weights, made again in order.

    python -m benchmarks.ship tfic --weights runs/tfic-next-rates --photos FOLDER --data FOLDER
    python -m benchmarks.ship tfic ... --from sizes      # go on where it stopped
    python -m benchmarks.ship tfic ... --list            # say the commands, run none

New weights move integers, sizes, accuracies, what may be believed, and what is drawn over their
pictures. Each step is a command that can be run by itself; the first that fails ends the row, and
says how to go on. All of it takes many hours on two cores, most of them measuring whole sets.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.paths import RESULTS, ROOT
from benchmarks.studies.trust_calibration import FILE as TRUST_ROWS

# What a card shows of each family; sets that are not named have 600, 100 or all of their pictures.
CARD_SETS = {
    "tfic": (("rendered", 40), ("rendered-damaged", 200), ("word", 100), ("scene", None)),
    "base": (("rendered", 40), ("natural", None)),
}


@dataclass(frozen=True)
class Step:
    """One command of the row.

    Attributes:
        name: By which `--from` knows it.
        command: Arguments of Python; {family}, {weights}, {photos}, {data} and {runs} are filled
            in.
        families: Whose weights it hangs on.
        forget: Files with rows of the weights before, which are removed first.
    """

    name: str
    command: tuple[str, ...]
    families: tuple[str, ...] = tuple(CARD_SETS)
    forget: tuple[Path, ...] = ()


def _set_steps(family: str) -> list[Step]:
    steps = []
    for name, count in CARD_SETS[family]:
        counted = () if count is None else ("--count", str(count))
        options = ("--sets", name, *counted, "--codecs", "{family}-int8", "--data", "{data}")
        command = ("-m", "benchmarks.rate_accuracy", *options)
        steps.append(Step(f"set-{name}", command, (family,)))
    return steps


_EXPORT = ("-m", "tcsdk.export")
STEPS = (
    Step("export", (*_EXPORT, "{weights}", "--photos", "{photos}", "--verify")),
    Step("packed", (*_EXPORT, "zoo/{family}", "--target", "libtcs")),
    Step(
        "fusion",
        (
            *("-m", "tcsdk.train", "textboost", "--init", "{weights}", "--photos", "{photos}"),
            *("--runs", "{runs}", "--minutes", "600", "--resume"),
        ),
        ("tfic",),
    ),
    Step("fusion-export", (*_EXPORT, "{runs}/textboost", "--photos", "{photos}"), ("tfic",)),
    # A captioned encoder is trained over the decoder that its pictures are shown by.
    Step(
        "captions-map",
        (
            *("-m", "tcsdk.train.joint", "--folder", "{runs}/joint", "--photos", "{photos}"),
            *("--minutes", "600", "--resume"),
        ),
        ("tfic",),
    ),
    Step(
        "captions",
        (
            *("-m", "tcsdk.train", "taco", "--init", "{weights}", "--photos", "{photos}"),
            *("--runs", "{runs}", "--minutes", "600", "--resume"),
        ),
        ("tfic",),
    ),
    Step("captions-export", (*_EXPORT, "{runs}/taco", "--photos", "{photos}"), ("tfic",)),
    Step("web", ("tests/makers/make_web_models.py", "packages/npm/src/models.js")),
    Step("sizes", ("tests/makers/pin_sizes.py",)),
    Step(
        "trust",
        ("-m", "benchmarks.studies.trust_calibration", "--data", "{data}"),
        ("tfic",),
        (TRUST_ROWS,),
    ),
    Step("trust-table", ("-m", "benchmarks.pages.trust_table"), ("tfic",)),
    *(step for family in CARD_SETS for step in _set_steps(family)),
    Step("pages", ("-m", "benchmarks.pages.results", "--results", str(RESULTS.relative_to(ROOT)))),
    Step("card", ("-m", "benchmarks.pages.card", "zoo/{family}")),
)


def commands(
    family: str, values: dict[str, str], first: str | None = None
) -> list[tuple[Step, list[str]]]:
    """Return the steps that hang on a family's weights, with their commands.

    Args:
        family: A key of CARD_SETS.
        values: What the commands' placeholders stand for.
        first: The step to begin at; None for the first.

    Raises:
        ValueError: The family has no such step.
    """
    steps = [step for step in STEPS if family in step.families]
    names = [step.name for step in steps]
    if first is not None and first not in names:
        raise ValueError(f"expected a step of {family}: {', '.join(names)}; got {first!r}")
    begin = 0 if first is None else names.index(first)
    filled = {**values, "family": family}
    return [(s, [part.format_map(filled) for part in s.command]) for s in steps[begin:]]


def run(row: Sequence[tuple[Step, list[str]]], call: Callable[[list[str]], int]) -> str | None:
    """Run commands in order; the name of the step that failed, or None.

    Args:
        row: As `commands` gives it.
        call: Runs a command and returns its exit status.
    """
    for step, command in row:
        print(f"{step.name}: {shlex.join(command)}", flush=True)
        for path in step.forget:
            path.unlink(missing_ok=True)
        if call([sys.executable, *command]):
            return step.name
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run the row; 0 if all went well."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ship", description=__doc__.splitlines()[0]
    )
    parser.add_argument("family", choices=list(CARD_SETS))
    parser.add_argument("--weights", type=Path, required=True, help="folder of a training")
    parser.add_argument("--photos", type=Path, required=True, help="photographs for backgrounds")
    parser.add_argument("--data", type=Path, required=True, help="real pictures to measure on")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all trainings")
    parser.add_argument("--from", dest="first", metavar="STEP", help="go on at this step")
    parser.add_argument("--list", action="store_true", help="say the commands, run none")
    args = parser.parse_args(arguments)
    values = {name: str(getattr(args, name)) for name in ("weights", "photos", "data", "runs")}
    try:
        row = commands(args.family, values, args.first)
    except ValueError as error:
        parser.error(f"argument --from: {error}")
    if args.list:
        print("\n".join(f"{step.name}: {shlex.join(command)}" for step, command in row))
        return 0
    failed = run(row, lambda command: subprocess.run(command, cwd=ROOT, check=False).returncode)
    if failed:
        print(f"{failed} failed; mend it, and go on with --from {failed}", file=sys.stderr)
    return int(failed is not None)


if __name__ == "__main__":
    sys.exit(main())
