"""Models of other packages: found by their entry point, whoever made them, without importing."""

from __future__ import annotations

import importlib
import logging
import shutil
import subprocess
import sys

import numpy as np
import pytest
from support import manifests
from support.small_model import MODEL

import tcsdk
from checks import check_rejects
from tcsdk.errors import UnknownModelError
from tcsdk.model.find import find_model, list_models
from tcsdk.model.packages import GROUP

PICTURE = np.zeros((64, 64, 3), np.uint8)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages on sys.path, and no zoo of our own."""
    monkeypatch.setattr("tcsdk.model.find._ZOO", ())
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site, package: str, families: dict[str, int], points: str | None = None):
    """What pip leaves of a package of models: its folder, and the metadata beside it."""
    (site / package).mkdir()
    (site / package / "__init__.py").write_text("raise ImportError('models are data')\n")
    for family, wire_id in families.items():
        shutil.copytree(MODEL, site / package / family)
        manifests.edit(site / package / family, family=family, wire_id=wire_id)
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    points = points or f"mine = {package}"
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points}\n")
    importlib.invalidate_caches()


def test_a_third_partys_models_are_listed_and_run(site):
    install(site, "their_models", {"meters": 0xF0F0})
    assert [m.family for m in list_models()] == ["meters"]
    data = tcsdk.Encoder("meters-int8", device="cpu").encode(PICTURE)
    assert tcsdk.Decoder("cpu").decode(data).shape == PICTURE.shape
    assert tcsdk.inspect(data).family == "meters"
    assert "their_models" not in sys.modules


def test_packages_come_in_the_order_of_their_entry_points(site):
    install(site, "second", {"b": 0xF0F1}, "z = second")
    install(site, "first", {"c": 0xF0F0, "a": 0xF0F2}, "y = first")
    assert [m.family for m in list_models()] == ["a", "c", "b"]


def test_our_own_models_come_first_and_packages_are_not_looked_at_for_them(
    site, tmp_path, monkeypatch
):
    install(site, "theirs", {"small": 0xF0F0, "other": 0xF0F1})
    shutil.copytree(MODEL, tmp_path / "zoo" / "small")
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path / "zoo",))
    assert find_model("other")[0].path == site / "theirs" / "other"
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: pytest.fail("looked"))
    assert find_model("small-fp32")[0].path == tmp_path / "zoo" / "small"


@pytest.mark.parametrize(
    "points", ["gone = not_there", "gone = not.there", "gone = this", "gone = ."]
)
def test_a_package_that_is_not_there_is_passed_over_with_a_log_line(site, caplog, points):
    install(site, "broken", {}, points)
    install(site, "sound", {"meters": 0xF0F0})
    with caplog.at_level(logging.WARNING, "tcsdk"):
        assert [m.family for m in list_models()] == ["meters"]
    assert "'gone'" in caplog.text


def test_a_damaged_model_of_a_package_does_not_hide_the_others(site, caplog):
    install(site, "theirs", {"a": 0xF0F0, "b": 0xF0F1})
    (site / "theirs" / "a" / "manifest.json").write_text("{")
    with caplog.at_level(logging.WARNING, "tcsdk"):
        assert [m.family for m in list_models()] == ["b"]
    assert "passed over" in caplog.text


def test_a_model_that_is_missing_names_a_checkout_or_a_wheel(site):
    words = ("'tfic-tinylic'", "./packages/zoo in a checkout", "the wheel of tcsdk-zoo")
    check_rejects(lambda: find_model("tfic-tinylic"), UnknownModelError, *words)


def test_importing_tcsdk_and_finding_a_shipped_model_asks_for_no_metadata():
    code = (
        "import sys, tcsdk; from tcsdk.model.find import find_model; find_model('tfic'); "
        "assert 'importlib.metadata' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
