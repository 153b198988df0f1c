"""All that hangs on a codec's weights, made again in order.

    python -m benchmarks.ship tfic --weights runs/tfic-next-rates --photos FOLDER --data FOLDER \
        --fonts FOLDER
    python -m benchmarks.ship tfic ... --from sizes      # go on where it stopped
    python -m benchmarks.ship tfic ... --list            # say the commands, run none

New weights move integers, sizes, accuracies, what may be believed, and what is drawn over their
pictures. Each step is a command that can be run by itself; the first that fails ends the row, and
says how to go on. All of it takes many hours on two cores, most of them measuring whole sets.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.pages.results import all_rows, arguments_of
from benchmarks.paths import RESULTS, ROOT
from benchmarks.studies.trust_calibration import FILE as TRUST_ROWS
from tcsdk.quant.ship import PRECISIONS

FAMILIES = ("tfic", "base")


@dataclass(frozen=True)
class Step:
    """One command of the row.

    Attributes:
        name: By which `--from` knows it.
        command: Arguments of Python; {family}, {weights}, {photos}, {data}, {fonts} and {runs} are
            filled in.
        families: Whose weights it hangs on.
        forget: Files and folders that hold what the weights before gave, with placeholders; they
            are removed first, unless the row goes on at this step.
    """

    name: str
    command: tuple[str, ...]
    families: tuple[str, ...] = FAMILIES
    forget: tuple[str, ...] = ()


def _is_of(family: str, codec: str) -> bool:
    name, _, precision = codec.partition("@")[0].partition("-")
    return name == family and precision in ("", "fp32", *PRECISIONS)


def _set_steps(family: str) -> list[Step]:
    """Measure each set again that has rows of a family, its other codecs beside it, as recorded.

    A record that is not named as its set (rendered-600) was written elsewhere, and is left out.
    """
    measuring = {
        name: arguments_of(rows)
        for name, rows in all_rows(RESULTS).items()
        if name == rows[0].set and any(_is_of(family, row.codec) for row in rows)
    }
    folders = ("--data", "{data}", "--fonts", "{fonts}")
    return [Step(f"set-{n}", (*words, *folders), (family,)) for n, words in measuring.items()]


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
        ("{runs}/textboost",),
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
        ("{runs}/taco",),
    ),
    Step("captions-export", (*_EXPORT, "{runs}/taco", "--photos", "{photos}"), ("tfic",)),
    Step("web", ("tests/makers/make_web_models.py", "packages/npm/src/models.js")),
    Step("sizes", ("tests/makers/pin_sizes.py",)),
    Step(
        "trust",
        ("-m", "benchmarks.studies.trust_calibration", "--data", "{data}"),
        ("tfic",),
        (str(TRUST_ROWS),),
    ),
    Step("trust-table", ("-m", "benchmarks.pages.trust_table"), ("tfic",)),
    *(step for family in FAMILIES for step in _set_steps(family)),
    Step("pages", ("-m", "benchmarks.pages.results", "--results", str(RESULTS.relative_to(ROOT)))),
    Step("card", ("-m", "benchmarks.pages.card", "zoo/{family}")),
)


def commands(family: str, values: dict[str, str], first: str | None = None) -> list[Step]:
    """Return the steps that hang on a family's weights, their placeholders filled in.

    Args:
        family: One of FAMILIES.
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
    row = []
    for number, step in enumerate(steps[begin:]):
        goes_on = first is not None and number == 0
        forget = () if goes_on else tuple(path.format_map(filled) for path in step.forget)
        command = tuple(part.format_map(filled) for part in step.command)
        row.append(replace(step, command=command, forget=forget))
    return row


def run(row: Sequence[Step], call: Callable[[list[str]], int]) -> str | None:
    """Run steps in order; the name of the one that failed, or None.

    Args:
        row: As `commands` gives it.
        call: Runs a command and returns its exit status.
    """
    for step in row:
        print(f"{step.name}: {shlex.join(step.command)}", flush=True)
        for path in map(Path, step.forget):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if call([sys.executable, *step.command]):
            return step.name
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run the row; 0 if all went well."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ship", description=__doc__.splitlines()[0]
    )
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("--weights", type=Path, required=True, help="folder of a training")
    parser.add_argument("--photos", type=Path, required=True, help="photographs for backgrounds")
    parser.add_argument("--data", type=Path, required=True, help="real pictures to measure on")
    parser.add_argument("--fonts", type=Path, required=True, help="of the sets in other scripts")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all trainings")
    parser.add_argument("--from", dest="first", metavar="STEP", help="go on at this step")
    parser.add_argument("--list", action="store_true", help="say the commands, run none")
    args = parser.parse_args(arguments)
    values = {
        name: str(getattr(args, name)) for name in ("weights", "photos", "data", "fonts", "runs")
    }
    try:
        row = commands(args.family, values, args.first)
    except ValueError as error:
        parser.error(f"argument --from: {error}")
    if args.list:
        print("\n".join(f"{step.name}: {shlex.join(step.command)}" for step in row))
        return 0
    failed = run(row, lambda command: subprocess.run(command, cwd=ROOT, check=False).returncode)
    if failed:
        print(f"{failed} failed; mend it, and go on with --from {failed}", file=sys.stderr)
    return int(failed is not None)


if __name__ == "__main__":
    sys.exit(main())
