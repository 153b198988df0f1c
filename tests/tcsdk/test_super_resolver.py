"""`SuperResolver`: sizes, what goes through the net and what does not, and what it refuses."""

import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.crop_models import RESOLUTION, WORDS

import tcsdk
from checks import check_rejects
from tcsdk import errors
from tcsdk.engines.ort import CpuEngine
from tcsdk.reading.enlarging import HIGHEST, Windows


@pytest.fixture(scope="module")
def net():
    with tcsdk.SuperResolver(RESOLUTION, device="cpu", threads=1) as made:
        yield made


def crop(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_a_word_of_the_nets_size_is_what_the_net_makes_of_it(net):
    word = crop(16, 64)
    large = net.upscale(word)
    assert (large.shape, large.dtype) == ((32, 128, 3), np.uint8)
    doubled = word.repeat(2, 0).repeat(2, 1)
    # The small model halves the brightness of what is set straight: a word is.
    assert np.abs(large.astype(int) - doubled / 2).max() <= 1


def test_a_long_line_is_cut_into_windows_that_fade_into_each_other(net):
    line = crop(16, 500)
    large = net.upscale(line)
    doubled = line.repeat(2, 0).repeat(2, 1)
    np.testing.assert_array_equal(large, doubled)  # and it is not set straight


def test_what_is_high_is_enlarged_by_a_filter(net):
    large = crop(HIGHEST + 1, 80)
    expected = np.asarray(
        Image.fromarray(large).resize((160, 2 * (HIGHEST + 1)), Image.Resampling.BICUBIC)
    )
    np.testing.assert_array_equal(net.upscale(large), expected)


@given(st.integers(4, 40), st.integers(4, 700))
def test_any_size_comes_out_twice_as_large(height, width):
    large = NET.upscale(np.full((height, width, 3), 200, np.uint8))
    assert large.shape == (2 * height, 2 * width, 3)
    straight = height <= HIGHEST and width <= 6 * height
    assert np.abs(large.astype(int) - (100 if straight else 200)).max() <= 1


NET = tcsdk.SuperResolver(RESOLUTION, device="cpu", threads=1)


@given(st.integers(97, 2000))
def test_windows_cover_a_line_and_lie_within(width):
    cut = Windows.of(np.zeros((16, width, 3), np.uint8))
    assert cut.width == width
    assert (cut.starts[0], cut.starts[-1] + 64) == (0, width)
    gaps = np.diff(cut.starts)
    assert ((gaps > 0) & (gaps <= 48)).all()


def test_the_height_can_be_asked_for(net):
    assert net.upscale(crop(10, 50), height=32).shape == (32, 160, 3)
    for height in (7, 9000):
        check_rejects(lambda h=height: net.upscale(crop(16, 64), height=h), ValueError, "height")
    check_rejects(lambda: net.upscale(crop(16, 64), height="32"), TypeError, "height")


def test_many_are_as_each_alone_in_their_order_and_errors_stay_alone(net):
    crops = [crop(16, 64), crop(12, 300), crop(2, 50), crop(16, 40), b"no picture", crop(40, 90)]
    found = list(net.upscale_many(iter(crops), batch=4))
    kinds = [type(each.error) for each in found]
    none = type(None)
    assert kinds == [none, none, errors.ImageError, none, errors.ImageError, none]
    for each, source in zip(found, crops, strict=True):
        assert each.source is source
        if each.error is None:
            np.testing.assert_array_equal(each.get(), net.upscale(source))
            assert each.timings.total >= each.timings.graph > 0
        else:
            check_rejects(each.get, errors.ImageError)


def test_many_takes_ahead_no_more_than_a_batch(net):
    taken = []

    def endless():
        while True:
            taken.append(crop(16, 64, len(taken)))
            yield taken[-1]

    made = net.upscale_many(endless(), batch=3)
    next(made)
    assert len(taken) == 3
    assert list(net.upscale_many([])) == []
    check_rejects(lambda: net.upscale_many([], batch=0), ValueError, "batch")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((0, 0, 3), np.uint8), ("0",)),
        (np.zeros((0, 64, 3), np.uint8), ("64",)),
        (np.zeros((1, 64, 3), np.uint8), ("4 to 8192", "64x1")),
        (np.zeros((16, 2, 3), np.uint8), ("2x16",)),
        (np.zeros((3, 3), np.uint8), ("3x3",)),
        (np.zeros((16, 10_000, 3), np.uint8), ("10000x16", "cut lines or words out")),
        (np.zeros((16, 64, 3), np.float32), ("float32",)),
        (np.zeros((16, 64, 3), np.int32), ("int32",)),
        (np.zeros((16, 64, 2), np.uint8), ("(16, 64, 2)",)),
        (b"no picture", ()),
        (7, ("int",)),
    ],
)
def test_bad_crops_are_refused_by_name(net, bad, words):
    check_rejects(lambda: net.upscale(bad), errors.ImageError, *words)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_other_modes_are_taken_as_viewers_show_them(net, mode):
    assert net.upscale(Image.new(mode, (64, 16))).shape == (32, 128, 3)


def test_grey_and_16_bits_are_taken(net):
    grey = np.full((16, 64), 100, np.uint8)
    assert (net.upscale(grey) == 50).all()
    assert (net.upscale(np.full((16, 64), 100 * 257, np.uint16)) == 50).all()


def test_models_of_another_task_and_wrong_arguments_are_refused():
    for model in ("tfic", "reader", WORDS):
        check_rejects(
            lambda m=model: tcsdk.SuperResolver(m), errors.WrongTaskError, "super_resolution"
        )
    check_rejects(
        lambda: tcsdk.Recognizer(RESOLUTION), errors.WrongTaskError, "SuperResolver runs it"
    )
    check_rejects(lambda: tcsdk.SuperResolver("nobody"), errors.UnknownModelError, "nobody")
    check_rejects(lambda: tcsdk.SuperResolver(RESOLUTION, device="tpu"), ValueError, "tpu")
    check_rejects(lambda: tcsdk.SuperResolver(RESOLUTION, thread=1), TypeError, "'threads'")
    check_rejects(
        lambda: tcsdk.SuperResolver(RESOLUTION, precision="int8"), errors.UnknownModelError, "int8"
    )


def test_an_engine_runs_such_graphs_alone():
    """As doctor and `tcsdk build` do: at shapes that the table of tensors says."""
    for folder in (RESOLUTION, WORDS):
        nodes = CpuEngine(1).placement(folder / "graph.onnx")
        assert sum(nodes.values()) > 0


def test_a_folder_whose_file_was_changed_is_refused(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for file in RESOLUTION.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "graph.onnx").write_bytes((WORDS / "graph.onnx").read_bytes())
    check_rejects(lambda: tcsdk.SuperResolver(folder), errors.ModelFileError, "SHA-256")


@pytest.mark.parametrize("module", ["super_resolver", "recognizer", "reading", "fast_reader"])
def test_each_module_can_be_the_first_that_is_imported(module):
    subprocess.run([sys.executable, "-c", f"import tcsdk.{module}"], check=True)


def test_it_prints_travels_and_closes(net):
    assert repr(net) == (
        f"SuperResolver(model={str(RESOLUTION)!r}, device='cpu', threads=1, precision=None)"
    )
    assert (net.model, net.engine.device) == ("small-resolution-fp32", "cpu")
    made = pickle.loads(pickle.dumps(net))
    assert made.timings is None
    np.testing.assert_array_equal(made.upscale(crop(16, 64)), net.upscale(crop(16, 64)))
    assert made.timings.total > 0
    made.close()
    check_rejects(lambda: made.upscale(crop(16, 64)), ValueError, "closed")


def test_threads_share_it(net):
    crops = [crop(16, 64, seed) for seed in range(8)]
    expected = [net.upscale(each) for each in crops]
    made = [None] * 8

    def work(k):
        made[k] = net.upscale(crops[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(made, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_it_survives_a_fork(net):
    expected = net.upscale(crop(16, 64))
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(net.upscale(crop(16, 64)), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
