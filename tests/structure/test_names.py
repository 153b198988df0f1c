"""Graphs and their tensors are named in one file; everything else takes the names from it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from structure.syntax import ROOT, tree_of

from tcsdk.model import graphs

FOLDERS = ("tcsdk", "export", "quant", "benchmarks")
TABLE = ROOT / "tcsdk" / "model" / "graphs.py"
FILES = [f for folder in FOLDERS for f in sorted((ROOT / folder).rglob("*.py")) if f != TABLE]

TENSORS = {n for row in graphs.GRAPHS.values() for n in (*row.inputs, *row.outputs)}
PLANES = {
    plane for row in graphs.GRAPHS.values() for t in row.outputs.values() for plane in t.planes
}
# Words that mean nothing else: nobody else may spell them.
OWN = {name for name in TENSORS if "_" in name} | {
    graphs.ANALYSIS,
    graphs.SYNTHESIS,
    graphs.SUPER_RESOLUTION,
}
# Words that mean other things elsewhere: as keys they are names where graphs are touched.
SHARED = (TENSORS | PLANES) - OWN
# Names of other things: arrays of an entropy bundle, attributes of what training computes.
OTHERS = {
    "export/entropy/bundle.py": {"z_gain", "z_inverse_gain"},
    "quant/judge/codec_objective.py": {"x_hat"},
}


def strings(tree: ast.Module) -> Iterator[str]:
    """All strings of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def keys(tree: ast.Module) -> Iterator[str]:
    """The strings that look something up: keys of dicts, and subscripts."""
    for node in ast.walk(tree):
        looked_up: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            looked_up = list(node.keys)
        elif isinstance(node, ast.Subscript):
            looked_up = [node.slice]
        for each in looked_up:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value


def touches_graphs(tree: ast.Module) -> bool:
    """Whether a file imports the table or runs a graph."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == graphs.__name__:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "tcsdk.engines.base":
            return True
    return False


def spelt_names(tree: ast.Module) -> set[str]:
    """Names of graphs and tensors that a file spells instead of taking them from the table."""
    found = OWN & set(strings(tree))
    return found | (SHARED & set(keys(tree))) if touches_graphs(tree) else found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_spells_the_name_of_a_graph_or_a_tensor(file: Path):
    spelt = spelt_names(tree_of(file)) - OTHERS.get(str(file.relative_to(ROOT)), set())
    assert spelt == set(), f"take {sorted(spelt)} from tcsdk/model/graphs.py"


def test_the_exceptions_are_still_needed():
    for name, words in OTHERS.items():
        assert words <= set(strings(tree_of(ROOT / name))), name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('graph.run({"z_gain": gain})', {"z_gain"}),
        ('row["analysis"]', {"analysis"}),
        ('"""The analysis graph."""', set()),
        ('print("x")', set()),
        ('from tcsdk.model.graphs import X\nfeed = {"x": 1, X: 2}', {"x"}),
        ('from tcsdk.engines.base import Graph\ngraph.run(feed)["d"]', {"d"}),
        ('from tcsdk.engines.base import Graph\nprint("d")', set()),
    ],
)
def test_the_check_sees_names_and_nothing_else(text, found):
    assert spelt_names(ast.parse(text)) == found


def test_the_cpp_example_feeds_graphs_by_the_same_names():
    source = (ROOT / "examples" / "cpp" / "src" / "codec.cpp").read_text(encoding="utf-8")
    assert set(re.findall(r'\{"(\w+)", &', source)) == {
        name for role in (graphs.ANALYSIS, graphs.SYNTHESIS) for name in graphs.GRAPHS[role].inputs
    }


def test_the_table_knows_each_name_once():
    constants = {v for k, v in vars(graphs).items() if k.isupper() and isinstance(v, str)}
    assert TENSORS | PLANES | set(graphs.GRAPHS) <= constants
