"""Models that take crops on TensorRT: profiles for all that is sent, plans built, run and missed.

TensorRT and CUDA are stand-ins (tests/support/gpu_stand_in.py): what ours do around them is tried,
not what NVIDIA's do.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support import gpu_stand_in, manifests
from support.crop_models import RESOLUTION, WORDS, word
from support.small_model import ADAPTIVE, MODEL

import tcsdk
from checks import check_rejects
from tcsdk.cli import main
from tcsdk.engines import ENGINES, select_engine
from tcsdk.engines.tensorrt.profiles import crop_profiles, profiles_of
from tcsdk.errors import EngineError, PlanError
from tcsdk.model.calls import CALLS, calls_of
from tcsdk.model.find import named_model
from tcsdk.model.graphs import GRAPHS, RECOGNITION, SUPER_RESOLUTION, WORD_RECOGNITION
from tcsdk.model.read import read_model_folder
from tcsdk.reading.long_lines import parts_of


def for_gpus(folder, target, name, precisions=("fp16",)):
    """A copy of a small model whose one precision is one for GPUs; its graph stays as it is."""
    shutil.copytree(folder, target)
    row = manifests.read(target)["precisions"]["fp32"]
    rows = {"fp32": row, **dict.fromkeys(precisions, row)}
    default = {"cpu": "fp32", "cuda": "fp16", "tensorrt": precisions[-1]} if precisions else {}
    manifests.edit(target, family=name, precisions=rows, default_precision=default)


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """Small models with graphs for GPUs under the shipped names."""
    folder = tmp_path / "zoo"
    for source, name in ((MODEL, "tfic"), (RESOLUTION, "edsr-s"), (WORDS, "cdistnet-s")):
        for_gpus(source, folder / name, name)
    monkeypatch.setattr("tcsdk.model.find._ZOO", (folder,))
    return folder


@pytest.fixture
def cuda(tmp_path, monkeypatch):
    return gpu_stand_in.install(monkeypatch, tmp_path / "plans")


CROPS = np.random.default_rng(0).integers(0, 256, (40, 16, 64, 3), np.uint8)


@pytest.mark.parametrize("contract", list(CALLS))
def test_profiles_take_every_call_that_the_runtime_makes(contract):
    calls, (pixels, *_) = CALLS[contract], GRAPHS[contract].inputs
    widths = range(calls.step, calls.widest + 1, calls.step) if calls.step else (None,)
    profiles = crop_profiles(contract)
    for size in calls.sizes:
        for width in widths:
            taken = [
                low[0] <= size <= high[0] and (width is None or low[3] <= width <= high[3])
                for low, _, high in (profile.shapes(pixels, 3) for profile in profiles)
            ]
            assert any(taken)
    largest = max(profile.high.batch for profile in profiles)
    assert largest == calls.together


def test_a_crop_alone_has_the_first_profile_and_lines_one_of_their_own_for_long_ones():
    assert [str(p) for p in crop_profiles(SUPER_RESOLUTION)] == ["64x16", "64x16..32@64x16"]
    assert [str(p) for p in crop_profiles(WORD_RECOGNITION)] == ["128x32", "128x32..16@128x32"]
    expected = ["64x32..512x32", "64x32..16@512x32", "64x32..16@2048x32"]
    assert [str(p) for p in crop_profiles(RECOGNITION)] == expected
    check_rejects(lambda: crop_profiles("analysis"), ValueError, "'analysis'", "recognition")


@pytest.mark.parametrize("width", [8, 64, 65, 2047, 2048, 2049, 4096, 5200, 65536])
def test_no_part_of_a_line_is_wider_than_the_profiles(width):
    parts, whole = parts_of(width), width + -width % 64
    assert all(part.width % 64 == 0 and part.width <= 2048 for part in parts)
    assert all(0 <= part.begin <= whole - part.width for part in parts)
    steps = [
        step
        for part in parts
        for step in range(part.begin // 4, (part.begin + part.width) // 4)[part.kept]
    ]
    assert steps == list(range(whole // 4))  # each once, in order


def test_what_is_kept_of_a_part_lies_192_pixels_from_where_it_was_cut():
    for part in parts_of(6000)[1:]:
        assert part.kept.start * 4 >= 192
    for part in parts_of(6000)[:-1]:
        assert part.width - part.kept.stop * 4 >= 192


def test_each_model_has_the_contract_of_its_task(zoo):
    named = {name: named_model(name)[0] for name in ("tfic", "edsr-s", "cdistnet-s")}
    assert calls_of(named["tfic"]) is None
    assert calls_of(named["edsr-s"]) is CALLS[SUPER_RESOLUTION]
    assert calls_of(named["cdistnet-s"]) is CALLS[WORD_RECOGNITION]
    assert profiles_of(named["tfic"]) == profiles_of(named["tfic"], ["512x256", "tile"])
    check_rejects(
        lambda: profiles_of(named["edsr-s"], ["hd"]), ValueError, "--shapes", "edsr-s takes crops"
    )


def test_a_build_of_codecs_and_crops_makes_all_plans_once(zoo, cuda, capsys):
    names = ["tfic", "edsr-s", "cdistnet-s"]
    assert main(["build", *names, "--json"]) == 0
    records = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    records = [each for each in records if "graph" in each]
    made = [(each["model"], each["graph"], each["built"]) for each in records]
    assert made == [
        ("tfic", "analysis", True),
        ("tfic", "synthesis", True),
        ("edsr-s", "super_resolution", True),
        ("cdistnet-s", "recognition", True),
    ]
    assert records[0]["shapes"] != records[2]["shapes"] == ["64x16", "64x16..32@64x16"]
    assert main(["build", *names]) == 0
    assert capsys.readouterr().out.count("already there") == 4


def test_shapes_of_pictures_are_refused_for_crops_before_anything_is_built(zoo, cuda, capsys):
    assert main(["build", "tfic", "edsr-s", "--shapes", "hd"]) == 2
    said = capsys.readouterr()
    assert "edsr-s takes crops" in said.err
    assert "built" not in said.out


def test_plans_enlarge_and_read_what_the_cpu_does(zoo, cuda):
    assert main(["build", "edsr-s", "cdistnet-s"]) == 0
    words = [word(text) for text in ("12", "90817", "3", "44", "5678")]
    for device in ("cpu", "tensorrt"):
        with tcsdk.SuperResolver("edsr-s", device=device, threads=1) as net:
            large = net.enlarged(list(CROPS))
        with tcsdk.Recognizer("cdistnet-s", device=device, threads=1) as reader:
            said = [each.text for each in reader.recognize(words)]
            assert reader.model == f"cdistnet-s-{'fp32' if device == 'cpu' else 'fp16'}"
        if device == "cpu":
            expected = large, said
    assert said == expected[1]
    assert all(np.array_equal(a, b) for a, b in zip(large, expected[0], strict=True))


def test_a_gpu_meets_few_shapes_and_replays_them(zoo, cuda):
    assert main(["build", "edsr-s"]) == 0
    with tcsdk.SuperResolver("edsr-s", device="tensorrt", threads=1) as net:
        before = len(cuda.memory)
        for count in (*range(1, 33), *range(1, 33)):
            assert len(net.enlarged(list(CROPS[:count]))) == count
        # Two inputs and an output, on the host and on the device, for 1, 8 and 32 crops.
        assert len(cuda.memory) - before == 3 * 3 * 2
    # All but the first run of a shape is a replay.
    assert cuda.launches == 64 - 3


def test_without_plans_the_command_is_named(zoo, cuda):
    for make, family in (
        (lambda: tcsdk.SuperResolver("edsr-s", device="tensorrt"), "edsr-s"),
        (lambda: tcsdk.Recognizer("cdistnet-s", device="tensorrt"), "cdistnet-s"),
    ):
        check_rejects(make, PlanError, f"tcsdk build {family}-fp16 --device tensorrt:0")


def test_auto_steps_down_to_the_cpu_without_plans(zoo, cuda):
    with tcsdk.SuperResolver("edsr-s", threads=1) as net:
        assert net.engine.device == "cpu"
        assert "tcsdk build edsr-s-fp16" in net.engine.note


def test_forms_that_a_device_lacks_are_refused_with_what_there_is(zoo, cuda, tmp_path):
    check_rejects(
        lambda: tcsdk.Recognizer("cdistnet-s", device="tensorrt", precision="fp32"),
        PlanError,
        "got 'fp32'",
        "take cdistnet-s-fp16",
    )
    row = next(row for row in ENGINES if row.device == "tensorrt")
    chosen = select_engine("tensorrt", 1, [row])
    model = read_model_folder(zoo / "cdistnet-s")
    check_rejects(lambda: chosen.for_model(model, "int8"), EngineError, "take cdistnet-s-fp16")
    shutil.copytree(WORDS, tmp_path / "plain")
    plain = read_model_folder(tmp_path / "plain")
    for precision, error in ((None, PlanError), ("int8", EngineError)):
        check_rejects(
            lambda p=precision: chosen.for_model(plain, p),
            error,
            f"python -m tcsdk.export {tmp_path / 'plain'} --target tensorrt",
        )


def test_a_build_of_fp32_alone_fails_by_itself_and_names_the_export(zoo, cuda, tmp_path, capsys):
    shutil.copytree(RESOLUTION, tmp_path / "plain")
    assert main(["build", str(tmp_path / "plain"), "edsr-s"]) == 1
    said = capsys.readouterr()
    assert "--target tensorrt" in said.err
    assert "edsr-s-fp16 super_resolution: built" in said.out


READER = Path(__file__).parents[3] / "zoo" / "reader"


def test_a_fast_reader_needs_the_plans_of_both_models_and_then_reads(zoo, cuda):
    shutil.rmtree(zoo / "tfic")
    for_gpus(ADAPTIVE, zoo / "tfic", "tfic")
    for_gpus(READER, zoo / "reader", "reader")
    for family in ("tfic", "reader"):
        command = f"tcsdk build {family}-fp16 --device tensorrt:0"
        check_rejects(lambda: tcsdk.FastReader(device="tensorrt"), PlanError, command)
        assert main(["build", family]) == 0
    image = Image.new("RGB", (700, 128), "white")
    font = ImageFont.load_default(28)
    ImageDraw.Draw(image).text((20, 40), "GATE 4071 Room 25", fill="black", font=font)
    pixels = np.asarray(image)
    place = np.array([[14, 38], [300, 38], [300, 76], [14, 76]], np.float32)
    long = np.array([[14, 38], [690, 38], [690, 46], [14, 46]], np.float32)  # 2704 by 32
    read, found = {}, {}
    for device in ("cpu", "tensorrt"):
        with tcsdk.FastReader(device=device, threads=1) as fast:
            read[device] = fast.read_boxes(pixels, [place, long, place])
            found[device] = fast.find(pixels)
    assert [each.text for each in read["tensorrt"]] == [each.text for each in read["cpu"]]
    assert "4071" in read["cpu"][0].text
    assert len(found["tensorrt"]) == len(found["cpu"])
    for one, other in zip(found["tensorrt"], found["cpu"], strict=True):
        assert np.allclose(one, other, atol=0.5)
