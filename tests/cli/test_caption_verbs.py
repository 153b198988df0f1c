"""Captions on the command line."""

from __future__ import annotations

import json
import shutil

from support.small_model import CAPTIONED, MODEL, SMALL_PICTURE, file_of

import tcsdk

TOLD = tcsdk.Encoder(CAPTIONED, device="cpu")


def stream(caption):
    return TOLD.encode(SMALL_PICTURE, caption=caption)


def test_a_caption_is_for_the_picture(run, photo):
    assert run("encode", "photo.png", "--model", CAPTIONED, "--caption", "a red sign").code == 0
    assert photo.with_suffix(".tcs").read_bytes() == stream("a red sign")
    back = run("decode", "photo.tcs", "-o", "back.png", "--model", CAPTIONED)
    assert back.code == 0


def test_captions_of_many_pictures_come_from_a_csv(run, photo):
    for name in ("b.png", "c.png"):
        photo.with_name(name).write_bytes(file_of(SMALL_PICTURE))
    photo.with_name("said.csv").write_text("file,caption\nphoto.png,a red sign\nc.png,a wall\n")
    done = run("encode", ".", "--model", CAPTIONED, "--captions", "said.csv")
    assert done.code == 0
    expected = {"photo": "a red sign", "b": None, "c": "a wall"}
    for name, caption in expected.items():
        assert photo.with_name(f"{name}.tcs").read_bytes() == stream(caption)


def test_a_csv_of_other_pictures_is_wrong_use(run, photo):
    photo.with_name("said.csv").write_text("file,caption\nother.png,a red sign\n")
    done = run("encode", "photo.png", "--model", CAPTIONED, "--captions", "said.csv")
    assert done.code == 2
    assert "got of none" in done.err
    assert not photo.with_suffix(".tcs").exists()


def test_either_one_caption_or_many(run, photo):
    done = run("encode", "photo.png", "--caption", "x", "--captions", "y.csv")
    assert done.code == 2
    assert "not allowed with" in done.err


def test_a_model_that_is_told_nothing_fails_by_name(run, photo):
    done = run("encode", "photo.png", "--caption", "a red sign")
    assert done.code == 1
    assert "tfic-fp32 is told no caption" in done.err


def test_a_long_caption_is_noted(run, photo):
    said = "one two three four five six"
    done = run("encode", "photo.png", "--model", CAPTIONED, "--caption", said, "--json")
    (note,) = json.loads(done.out)["notes"]
    assert "last 2 are left out" in str(note)


def test_models_say_that_they_take_captions(run):
    done = run("models", CAPTIONED, "--json")
    told, plain = map(json.loads, done.out.splitlines())
    assert (told["family"], told["takes_captions"]) == ("small-captioned", True)
    assert plain["takes_captions"] is False
    assert "encodes with captions" in run("models", CAPTIONED).out


def test_doctor_tries_all_three_graphs(run, zoo):
    shutil.copytree(MODEL, zoo / "small-model")
    shutil.copytree(CAPTIONED, zoo / "small-captioned")
    done = run("doctor", "--device", "cpu", "--all")
    assert done.code == 0
    (line,) = [
        each for each in done.out.splitlines() if "nodes" in each and "captioned-fp32" in each
    ]
    assert all(f"{role} " in line for role in ("caption", "analysis", "synthesis"))
