"""tests/wheel/check_wheel.py: what it refuses, and the real thing, which is heavy."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from support.scripts import load_script

from checks import check_rejects

pytest.importorskip("tomllib", reason="tests/wheel/check_wheel.py needs Python 3.11")

TOOL = Path(__file__).parent / "check_wheel.py"
NAME = "tcsdk-1.0"
FILES = {"tcsdk/__init__.py", "tcsdk/zoo/base/manifest.json"}
KERNELS = "tcsdk/_kernels.cpython-311-x86_64-linux-gnu.so"
TAGS = "Root-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n"


@pytest.fixture(scope="module")
def tool():
    return load_script("tests/wheel/check_wheel.py")


@pytest.fixture
def wheel(tool, tmp_path):
    """Return what writes a sound wheel with some files more or less."""
    metadata = {entry.format(name=NAME) for entry in tool.METADATA}

    def make(more=(), less=(), tags=TAGS) -> Path:
        path = tmp_path / f"{NAME}-cp311-cp311-linux_x86_64.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in ({*FILES, KERNELS, *metadata} | {*more}) - {*less}:
                archive.writestr(name, tags if name.endswith("/WHEEL") else "")
        return path

    return make


def test_a_wheel_of_the_mapped_files_passes(tool, wheel):
    tool.check_contents(wheel(), FILES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"less": ["tcsdk/zoo/base/manifest.json"]}, "missing ['tcsdk/zoo/base/manifest.json']"),
        ({"more": ["tests/test_all.py"]}, "unexpected ['tests/test_all.py']"),
        ({"more": ["lib/libtcs.a"]}, "unexpected ['lib/libtcs.a']"),
        ({"less": [KERNELS]}, "kernels set()"),
        ({"less": [f"{NAME}.dist-info/licenses/NOTICE"]}, "licenses/NOTICE"),
        ({"tags": TAGS.replace("cp311-cp311", "py3-none")}, "one Python version"),
        ({"tags": TAGS.replace("false", "true")}, "one Python version"),
    ],
    ids=["missing", "tests", "library", "kernels", "licence", "tag", "pure"],
)
def test_anything_else_is_refused(tool, wheel, change, words):
    check_rejects(lambda: tool.check_contents(wheel(**change), FILES), tool.WheelError, words)


def test_a_wheel_of_data_is_for_every_python(tool, wheel):
    pure = TAGS.replace("false", "true").replace("cp311-cp311", "py3-none")
    sound = wheel(less=[KERNELS], tags=pure)
    tool.check_contents(sound, FILES, pure=True)
    check_rejects(
        lambda: tool.check_contents(wheel(less=[KERNELS]), FILES, pure=True),
        tool.WheelError,
        "every Python",
    )
    check_rejects(
        lambda: tool.check_contents(wheel(tags=pure), FILES, pure=True), tool.WheelError, "kernels"
    )


def test_a_wheel_that_is_too_large_is_refused(tool, wheel):
    size = wheel().stat().st_size
    tool.check_size(wheel(), size)
    check_rejects(lambda: tool.check_size(wheel(), size - 1), tool.WheelError, f"{size:,}")


# Of a study: in a checkout alone, as their cards say.
AT_HOME = {"taco", "taco-elic", "elic-s", "textboost-elic"}


def test_each_model_travels_in_one_distribution(tool):
    codec, zoo = (tool.families(tool.ROOT, project) for project in (tool.CODEC, tool.ZOO))
    assert codec == ["base", "reader", "textboost", "tfic"]
    folders = {path.parent.name for path in (tool.ROOT / "zoo").glob("*/manifest.json")}
    assert {*codec, *zoo} == folders - AT_HOME
    assert not {*codec} & {*zoo}


def test_the_readers_that_nets_are_trained_against_stay_in_the_checkout(tool):
    assert list((tool.ROOT / "train" / "readers").glob("*.safetensors"))
    assert not [
        n
        for n in tool.mapped_files(tool.ROOT)
        if n.startswith("tcsdk/train/readers/") and n.endswith(".safetensors")
    ]


def test_the_version_stands_in_one_file(tool):
    version = tool.tomllib.loads((tool.ROOT / "pyproject.toml").read_text())["project"]["version"]
    files = ("kernels/CMakeLists.txt", "packages/zoo/pyproject.toml", "tcsdk/distribution.py")
    assert [name for name in files if version in (tool.ROOT / name).read_text()] == []
    assert metadata.version("tcsdk-codec") == version


def test_an_incomplete_sdist_is_refused(tool, tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "pyproject.toml", "tcsdk-1.0/pyproject.toml")
    tool.check_sdist(tmp_path / "a.tar.gz", {"pyproject.toml"})
    check_rejects(
        lambda: tool.check_sdist(tmp_path / "a.tar.gz", tool.SOURCES), tool.WheelError, "kernels/"
    )


def test_the_mapped_files_are_those_of_the_checkout(tool):
    files = tool.mapped_files(tool.ROOT)
    assert {
        "tcsdk/__init__.py",
        "tcsdk/models/codecs/edge.py",
        "tcsdk/zoo/base/manifest.json",
    } <= files
    assert not any("__pycache__" in name for name in files)


@pytest.mark.wheel
@pytest.mark.slow
def test_the_wheel_of_this_checkout_is_in_order(tmp_path):
    for module in ("build", "auditwheel"):
        pytest.importorskip(module, reason=f"{module} is not installed: make wheel installs it")
    done = subprocess.run(
        [sys.executable, TOOL, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "all models in order" in done.stdout
