"""The repository as syntax trees: its modules, what they import, and the strings they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Folders of the repository that are folders of the package once installed, in pipeline order.
STAGES = ("models", "train", "quant", "export")


@cache
def tree_of(file: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package, its stages and the benchmarks, as it is imported."""
    tops = {"tcsdk": "tcsdk", **{s: f"tcsdk.{s}" for s in STAGES}, "benchmarks": "benchmarks"}
    found = {}
    for folder, name in tops.items():
        for file in sorted((ROOT / folder).rglob("*.py*")):
            parts = file.relative_to(ROOT / folder).with_suffix("").parts
            inner = [part for part in parts if part != "__init__"]
            if file.suffix in (".py", ".pyi"):  # that of the kernels stands for them
                found[".".join([name, *inner])] = file
    return found


def imports_of(name: str) -> Iterator[str]:
    """The modules of ours that a module imports, wherever in it, for type checkers too."""
    known = modules()
    for node in ast.walk(tree_of(known[name])):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [each if each in known else str(node.module) for each in inner]
        yield from (each for each in names if each in known and each != name)
