"""Plans: keys, files, locks, shape profiles. What TensorRT itself does is in test_tensorrt.py."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest
from support import manifests
from support.small_model import MODEL

from checks import check_rejects
from tcsdk.engines.cuda import Device
from tcsdk.engines.tensorrt.build import Built
from tcsdk.engines.tensorrt.key import PlanKey, key_of_graph
from tcsdk.engines.tensorrt.plans import ensure_plan
from tcsdk.engines.tensorrt.profiles import DEFAULT_SHAPES, parse_profile, parse_profiles
from tcsdk.engines.tensorrt.store import MAGIC, PlanStore
from tcsdk.errors import EngineError, ModelFileError, PlanError
from tcsdk.model.graphs import Size, input_shape

DEVICE = Device(0, "Orin", "8.7", "12.6", "12.6", None)
KEY = key_of_graph(MODEL / "analysis.onnx", "10.3.0.30", DEVICE)
PLAN = b"machine code" * 100
PROFILES = parse_profiles(DEFAULT_SHAPES, 64)
NAMES = tuple(map(str, PROFILES))


@pytest.fixture
def store(tmp_path):
    return PlanStore(tmp_path / "plans")


def test_a_key_has_what_the_machine_and_the_model_say():
    assert KEY.subject == ("small", "fp32", "analysis")
    assert (KEY.gpu, KEY.capability, KEY.tensorrt) == ("Orin", "8.7", "10.3.0.30")
    assert len(KEY.model) == 64


@pytest.mark.parametrize("name", [field.name for field in fields(PlanKey)])
def test_every_field_makes_another_key(name):
    other = replace(KEY, **{name: "other"})
    assert other.digest != KEY.digest
    assert KEY.differences(other) == [f"{name} other instead of {getattr(KEY, name)}"]


def test_the_two_graphs_have_keys_of_their_own():
    other = key_of_graph(MODEL / "synthesis.onnx", "10.3.0.30", DEVICE)
    assert other.graph == "synthesis"
    assert other.model != KEY.model


def test_changed_weights_change_the_key(tmp_path):
    shutil.copytree(MODEL, tmp_path / "model")
    manifest = manifests.read(MODEL)
    manifest["sha256"]["analysis.onnx"] = "0" * 64
    manifests.save(tmp_path / "model", manifest)
    changed = key_of_graph(tmp_path / "model" / "analysis.onnx", "10.3.0.30", DEVICE)
    assert KEY.differences(changed) == [f"model {changed.model} instead of {KEY.model}"]


def test_a_graph_outside_a_model_folder_has_no_key(tmp_path):
    check_rejects(lambda: key_of_graph(tmp_path / "a.onnx", "10.3", DEVICE), ModelFileError)
    path = MODEL / "other.onnx"
    check_rejects(lambda: key_of_graph(path, "10.3", DEVICE), ModelFileError, "other.onnx")


def test_a_plan_comes_back_as_it_was_written(store):
    assert not store.has(KEY)
    path = store.write(KEY, NAMES, PLAN)
    assert store.has(KEY)
    assert store.read(KEY) == PLAN
    assert store.profiles(KEY) == NAMES
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_missing_plan_says_what_there_is_instead(store):
    check_rejects(lambda: store.read(KEY), PlanError, "none of this graph", "tcsdk build")
    store.write(replace(KEY, tensorrt="10.16.1"), NAMES, PLAN)
    check_rejects(lambda: store.read(KEY), PlanError, "tensorrt 10.16.1 instead of 10.3.0.30")


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


HEADER_AT = len(MAGIC) + 4


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "not a plan"),
        (lambda data: b"ftrt" + data, "not a plan"),
        (lambda data: data[: HEADER_AT + 20], "damaged"),
        (lambda data: data[:-1], "expected SHA-256"),
        (lambda data: flip(data, len(data) - 5), "expected SHA-256"),
        (lambda data: flip(data, len(MAGIC) + 3), "damaged"),
        (lambda data: data.replace(b'"driver"', b'"drover"'), "other fields"),
        (lambda data: data.replace(b'"Orin"', b'["in"]'), "other fields"),
        (lambda data: data.replace(b'"sha256"', b'"sha257"'), "sha256"),
    ],
)
def test_a_damaged_plan_is_refused_and_counts_as_none(store, damage, words):
    path = store.write(KEY, NAMES, PLAN)
    path.write_bytes(damage(path.read_bytes()))
    check_rejects(lambda: store.read(KEY), PlanError, words, "tcsdk build")
    assert store.profiles(KEY) == ()


def test_a_plan_of_another_machine_under_our_name_is_refused(store):
    theirs = store.write(replace(KEY, gpu="Thor", capability="11.0"), NAMES, PLAN)
    theirs.rename(store.path(KEY))
    check_rejects(lambda: store.read(KEY), PlanError, "gpu Thor instead of Orin", "capability")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = PlanStore(tmp_path / "file" / "plans")
    check_rejects(lambda: store.write(KEY, NAMES, PLAN), PlanError, "TCSDK_PLANS")
    check_rejects(lambda: store.lock(KEY).__enter__(), PlanError, "TCSDK_PLANS")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_plans_of_a_read_only_folder_are_read(store):
    store.write(KEY, NAMES, PLAN)
    store.folder.chmod(0o500)
    assert store.read(KEY) == PLAN
    check_rejects(lambda: store.write(KEY, NAMES, PLAN), PlanError, "TCSDK_PLANS")


def test_a_read_only_file_system_serves_plans_and_is_named_when_written_to(store, monkeypatch):
    store.write(KEY, NAMES, PLAN)

    def refuse(*arguments, **options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("tcsdk.engines.tensorrt.store.tempfile.mkstemp", refuse)
    assert store.read(KEY) == PLAN
    words = ("Read-only file system", "TCSDK_PLANS")
    check_rejects(lambda: store.write(KEY, NAMES, PLAN), PlanError, *words)
    assert ensure_plan(store, KEY, PROFILES, refuse, refuse) is False


def test_the_folder_is_the_environments_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("TCSDK_PLANS", str(tmp_path))
    assert PlanStore.default().folder == tmp_path
    monkeypatch.delenv("TCSDK_PLANS")
    assert PlanStore.default().folder.parts[-2:] == ("tcsdk", "plans")


def test_a_plan_is_built_once_and_again_for_other_shapes(store):
    calls = []

    def build(cache):
        calls.append(cache)
        return Built(PLAN, b"timings")

    assert ensure_plan(store, KEY, PROFILES, build, lambda plan: None)
    assert not ensure_plan(store, KEY, PROFILES, build, lambda plan: None)
    assert ensure_plan(store, KEY, PROFILES[:1], build, lambda plan: None)
    assert calls == [b"", b"timings"]
    assert store.profiles(KEY) == NAMES[:1]


def test_a_damaged_plan_is_built_again(store):
    store.write(KEY, NAMES, PLAN).write_bytes(b"rubbish")
    assert ensure_plan(store, KEY, PROFILES, lambda cache: Built(PLAN, b""), lambda plan: None)
    assert store.read(KEY) == PLAN


def test_a_plan_that_fails_its_golden_vectors_is_not_kept(store):
    def refuse(plan):
        raise EngineError("differs from its golden vector")

    check_rejects(
        lambda: ensure_plan(store, KEY, PROFILES, lambda cache: Built(PLAN, b""), refuse),
        EngineError,
        "golden",
    )
    assert not store.has(KEY)
    assert ensure_plan(store, KEY, PROFILES, lambda cache: Built(PLAN, b""), lambda plan: None)


def build_beside_others(folder: Path, barrier, built) -> None:
    """Build the same plan as another process; runs in a process of its own."""

    def build(cache):
        with (folder / "builds").open("a") as file:
            file.write(f"{os.getpid()}\n")
        return Built(PLAN, b"")

    barrier.wait()
    built.put(ensure_plan(PlanStore(folder), KEY, PROFILES, build, lambda plan: None))


def test_of_two_processes_one_builds_and_both_have_the_plan(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, built = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=build_beside_others, args=(tmp_path, barrier, built))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    outcomes = sorted(built.get() for _ in processes)
    for process in processes:
        process.join()
    assert outcomes == [False, True]
    assert len((tmp_path / "builds").read_text().splitlines()) == 1
    assert PlanStore(tmp_path).read(KEY) == PLAN


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("tile", Size(1, 64, 64), Size(1, 768, 768)),
        ("512x256", Size(1, 256, 512), Size(1, 256, 512)),
        ("fullhd", Size(1, 1088, 1920), Size(1, 1088, 1920)),
        ("8@100x30", Size(8, 64, 128), Size(8, 64, 128)),
    ],
)
def test_profiles_are_read(text, low, high):
    profile = parse_profile(text, 128)
    assert (profile.low, profile.high) == (low, high)


@pytest.mark.parametrize("text", ["", "x", "0x64", "512", "512x", "99999x64", "0@64x64", "a@1x1"])
def test_wrong_profiles_are_refused(text):
    check_rejects(lambda: parse_profile(text, 128), ValueError, repr(text), "WIDTHxHEIGHT")


def test_narrow_profiles_come_first_and_none_twice():
    profiles = parse_profiles(["tile", "512x256", "500x250", "hd"], 128)
    assert list(map(str, profiles)) == ["512x256", "1280x768", "64x64..768x768"]
    check_rejects(lambda: parse_profiles([], 128), ValueError, "at least one")


def test_shapes_of_inputs_follow_the_size():
    size = Size(2, 128, 192)
    assert input_shape("x", 3, size) == (2, 3, 128, 192)
    assert input_shape("r", 192, size) == (2, 192, 8, 12)
    assert input_shape("z_hat", 32, size) == (2, 32, 2, 3)
    assert input_shape("z_gain", 32, size) == (2, 32, 1, 1)
    assert input_shape("inv_gain", 192, size) == (2, 192, 8, 12)
    assert input_shape("inv_gain", 192, size, smallest=True) == (1, 192, 1, 1)
    check_rejects(lambda: input_shape("tokens", 38, size), EngineError, "'tokens'")
