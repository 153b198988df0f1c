"""Print constraints that hold every declared dependency at its declared minimum.

    python tests/support/minima.py pyproject.toml cpu ocr test
    python tests/support/minima.py pyproject.toml --build

The minima stand in pyproject.toml alone; `make test-minima` installs them and runs the tests.
Needs Python 3.11 (tomllib).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tomllib

# A name, extras in brackets, and the first bound of its version.
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?\s*(>=|==)\s*([\w.]+)")


def minima(requirements: Iterable[str]) -> Iterator[str]:
    """The requirements, each at the least version that it allows.

    Raises:
        ValueError: A requirement names no least version.
    """
    for requirement in requirements:
        match = REQUIREMENT.match(requirement)
        if match is None:
            raise ValueError(f"expected a requirement such as 'numpy>=1.24', got {requirement!r}")
        yield f"{match[1]}=={match[3]}"


def main() -> None:
    """Print a constraint a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pyproject", type=Path)
    parser.add_argument("extras", nargs="*", help="extras beside the base install")
    parser.add_argument("--build", action="store_true", help="what building needs, instead")
    args = parser.parse_args()
    told = tomllib.loads(args.pyproject.read_text(encoding="utf-8"))
    wanted = list(told["project"]["dependencies"])
    for extra in args.extras:
        wanted += told["project"]["optional-dependencies"][extra]
    if args.build:
        wanted = told["build-system"]["requires"]
    print(*dict.fromkeys(minima(wanted)), sep="\n")


if __name__ == "__main__":
    main()
