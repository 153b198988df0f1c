"""`doctor`: the verdict, a summary, and every finding for those who ask."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from support import manifests
from support.small_model import MODEL

SHIPPED = Path(__file__).parents[2] / "zoo" / "tfic"


def test_doctor_is_content_with_a_sound_installation(run):
    done = run("doctor", "--device", "cpu", "--all")
    assert done.code == 0, done.out
    for words in ("onnxruntime", "kernels", "threads", "files sound", "self-test tfic-int8"):
        assert words in done.out


def test_doctor_says_first_how_it_went_and_then_little_more(run):
    done = run("doctor", "--device", "cpu")
    assert done.code == 0
    assert done.out.startswith("all is well\n")
    assert "tfic-fp32, tfic-int8" in done.out
    assert len(done.out.splitlines()) <= 15


def test_doctor_names_many_failures_in_few_lines(run, zoo):
    for k in range(6):
        broken = zoo / f"broken{k}"
        shutil.copytree(MODEL, broken)
        manifests.edit(broken, family=f"broken{k}")
        (broken / "synthesis.onnx").write_bytes(b"damaged")
    done = run("doctor", "--device", "cpu")
    lines = done.out.splitlines()
    assert done.code == 1
    assert re.fullmatch(r"\d+ of \d+ checks failed", lines[0])
    assert lines[1].startswith("FAIL model broken0: ")
    assert "FAIL and" in done.out
    assert len(lines) <= 15
    assert len(run("doctor", "--device", "cpu", "--all").out.splitlines()) > 15


def test_doctor_tells_programs_numbers(run):
    lines = run("doctor", "--device", "cpu", "--json").out.splitlines()
    verdict, *findings = map(json.loads, lines)
    assert verdict["fields"] == {"checks": len(findings), "failures": 0}
    assert not any(finding["failed"] for finding in (verdict, *findings))
    (test,) = [f for f in findings if (f["topic"], f["about"]) == ("self-test", "tfic-int8")]
    assert test["fields"]["bytes"] > 100
    assert test["fields"]["psnr"] > 15


def test_doctor_names_a_changed_model_file(run, zoo):
    file = zoo / "tfic" / "synthesis.onnx"
    file.write_bytes(file.read_bytes() + b"\0")
    done = run("doctor", "--device", "cpu")
    assert done.code == 1
    assert "synthesis.onnx" in done.out
    assert "FAIL" in done.out


def test_doctor_fails_for_a_model_that_needs_a_runtime_and_says_which(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = run("doctor")
    assert done.code == 1
    assert "FAIL device tfic: nothing" in done.out
    assert ".[cpu]" in done.out


def test_doctor_is_content_without_a_runtime_where_models_have_packed_nets(run, zoo, monkeypatch):
    shutil.rmtree(zoo / "tfic")
    shutil.copytree(SHIPPED, zoo / "tfic")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = run("doctor", "--all")
    assert done.code == 0, done.out
    assert re.search(r"device cpu +no: .*\.\[cpu\]", done.out)
    assert re.search(r"self-test tfic-packed +\d+ bytes", done.out)


def test_doctor_is_content_with_libtcs_where_it_is_asked_for(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert run("doctor", "--device", "libtcs").code == 0


def test_doctor_fails_without_a_model(run, monkeypatch):
    monkeypatch.setattr("tcsdk.model.find._ZOO", ())
    assert run("doctor").code == 1


def test_doctor_says_which_device_runs_which_nodes(run):
    findings = [json.loads(line) for line in run("doctor", "--json").out.splitlines()]
    found = {(finding["topic"], finding["about"]): finding for finding in findings}
    assert "CPUExecutionProvider" in found["providers", ""]["text"]
    nodes = found["nodes", "tfic-fp32"]
    assert nodes["text"].startswith("on cpu: analysis ")
    assert nodes["fields"]["device"] == "cpu"
    assert nodes["fields"]["counts"]["analysis"]["CPUExecutionProvider"] > 1
    assert "affinity mask" in found["threads", ""]["text"]


def test_doctor_fails_where_the_named_device_does_not_run(run):
    done = run("doctor", "--device", "tensorrt:7")
    assert done.code == 1
    assert "FAIL device tensorrt" in done.out
    assert run("doctor", "--device", "gpu").code == 2


def test_doctor_explains_two_builds_of_onnxruntime(run, monkeypatch):
    monkeypatch.setattr("tcsdk.engines.packages.version_of", lambda name: "1.0")
    done = run("doctor", "--device", "cpu")
    assert done.code == 1
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in done.out
