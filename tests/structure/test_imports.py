"""Who imports whom: a pipeline without ways back, in folders and in modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest
from structure.syntax import ROOT, STAGES, imports_of, modules

GRAPH = {name: set(imports_of(name)) for name in modules()}
# Verbs that are doors to a stage, which they import when they are called: `tcsdk quantize`.
DOORS = {"tcsdk.cli.quantize"}


def folders_of(name: str) -> list[Path]:
    """The folder of a module, and those around it."""
    file = modules()[name].relative_to(ROOT)
    return list(file.parents)[:-1]


def folder_edges(graph: Mapping[str, set[str]]) -> dict[tuple[Path, Path], str]:
    """(folder, folder that something in it imports from) -> such an import."""
    edges = {}
    for name, targets in graph.items():
        for target in targets:
            for here in folders_of(name):
                for there in folders_of(target):
                    if here not in (there, *there.parents) and there not in here.parents:
                        edges[here, there] = f"{name} imports {target}"
    return edges


def cycles(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """The ways from modules back to themselves, one for each module that begins one."""
    done: set[str] = set()

    def ways(name: str, path: list[str]) -> Iterator[list[str]]:
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name not in done:
            for target in sorted(graph[name]):
                yield from ways(target, [*path, name])
            done.add(name)

    for name in graph:
        yield from ways(name, [])


def stage_of(name: str) -> int:
    """Place of a module in the pipeline: tcsdk first, then the stages, benchmarks last."""
    parts = name.split(".")
    if parts[0] != "tcsdk":
        return len(STAGES) + 1
    return STAGES.index(parts[1]) + 1 if len(parts) > 1 and parts[1] in STAGES else 0


def test_no_two_folders_import_each_other():
    edges = folder_edges({n: targets for n, targets in GRAPH.items() if n not in DOORS})
    pairs = combinations(sorted({folder for edge in edges for folder in edge}), 2)
    both = [(edges[a, b], edges[b, a]) for a, b in pairs if {(a, b), (b, a)} <= edges.keys()]
    assert both == []


def test_modules_of_tcsdk_have_no_cycles():
    device = {name: targets for name, targets in GRAPH.items() if stage_of(name) == 0}
    inner = {name: targets & device.keys() for name, targets in device.items()}
    assert list(cycles(inner)) == []


def test_the_pipeline_runs_in_one_direction():
    """tcsdk imports no stage, and a stage none behind it."""
    back = [
        (name, target)
        for name, targets in GRAPH.items()
        for target in targets
        if stage_of(target) > stage_of(name) and name not in DOORS
    ]
    assert back == []


def test_the_doors_are_still_needed():
    for door in DOORS:
        assert any(stage_of(target) > stage_of(door) for target in GRAPH[door])


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b", "a"]]),
        ({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, [["b", "c", "b"]]),
    ],
)
def test_the_search_for_cycles_finds_them(graph, found):
    assert list(cycles(graph)) == found
