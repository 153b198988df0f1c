"""What happens in other processes: a fresh import, a fork, a limited memory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk

CHILD_TIMEOUT = 60


def run_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=CHILD_TIMEOUT,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_the_kernels_and_nothing_heavy():
    code = (
        "import sys, tcsdk\n"
        "heavy = ['torch', 'onnxruntime', 'PIL', 'rapidocr', 'cv2', 'concurrent.futures',"
        " 'asyncio', 'argparse', 'importlib.metadata', 'onnx', 'scipy']\n"
        "print([name for name in heavy if name in sys.modules])\n"
        "print('tcsdk._kernels' in sys.modules)"
    )
    numpys_own = run_python(
        "import sys, numpy\nprint(sorted({'argparse', 'concurrent.futures', 'asyncio',"
        " 'importlib.metadata'} & set(sys.modules)))"
    )
    loaded, needed = run_python(code).splitlines()
    assert sorted(eval(loaded)) == eval(numpys_own)
    assert needed == "True"


def test_encoding_an_array_does_not_need_pillow_or_torch():
    code = (
        "import sys, numpy, tcsdk\n"
        f"data = tcsdk.encode(numpy.zeros((20, 30, 3), numpy.uint8), model={str(MODEL)!r})\n"
        f"tcsdk.decode(data, models=[{str(MODEL)!r}])\n"
        "print([name for name in ('PIL', 'torch', 'rapidocr', 'onnx') if name in sys.modules])"
    )
    assert run_python(code) == "[]"


def test_the_runtimes_telemetry_is_off_unless_the_user_asks_for_it():
    code = (
        f"import os, tcsdk\ntcsdk.Encoder({str(MODEL)!r})\n"
        "print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    without = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=without, check=True
    )
    assert done.stdout.strip() == "1"
    assert run_python(code, ORT_DISABLE_TELEMETRY="0") == "0"


def in_child(work) -> bytes:
    """What `work()` returns in a forked child, which must end in time."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.write(writer, work())
        finally:
            os._exit(0)
    os.close(writer)
    import selectors

    with selectors.DefaultSelector() as selector, os.fdopen(reader, "rb") as file:
        selector.register(file, selectors.EVENT_READ)
        ready = selector.select(CHILD_TIMEOUT)
        if not ready:
            os.kill(child, 9)
        os.waitpid(child, 0)
        assert ready, "the child hangs"
        return file.read()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_objects_survive_a_fork():
    encoder = tcsdk.Encoder(MODEL, threads=2)
    decoder = tcsdk.Decoder("cpu", models=[MODEL], threads=2)
    picture = smooth_picture(100, 80)
    data = encoder.encode(picture)
    pixels = decoder.decode(data)
    assert in_child(lambda: encoder.encode(picture)) == data
    assert in_child(lambda: decoder.decode(data)[:8, :8].tobytes()) == pixels[:8, :8].tobytes()
    assert encoder.encode(picture) == data


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_that_touches_nothing_ends():
    """Destroying inherited sessions would wait for threads that do not exist."""
    code = (
        "import os, sys, numpy, tcsdk\n"
        f"encoder = tcsdk.Encoder({str(MODEL)!r}, threads=3)\n"
        "encoder.encode(numpy.zeros((64, 64, 3), numpy.uint8))\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit(7)\n"  # the whole way through the interpreter's end
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    code = "import warnings\nwarnings.simplefilter('ignore', DeprecationWarning)\n" + code
    assert run_python(code) == "7"


def test_a_missing_reader_says_what_to_install():
    code = (
        "import sys, numpy\nsys.modules['rapidocr'] = None\nimport tcsdk\n"
        "try: tcsdk.read(numpy.zeros((9, 9), numpy.uint8))\n"
        "except tcsdk.MissingRuntimeError as error: print(error)"
    )
    assert ".[ocr]" in run_python(code)


@pytest.mark.parametrize("target", tcsdk._kernels.simd_targets())
def test_every_simd_variant_makes_the_same_stream(target):
    code = (
        "import tcsdk\n"
        "from support.small_model import MODEL, smooth_picture\n"
        "import hashlib\n"
        "data = tcsdk.Encoder(MODEL, threads=1).encode(smooth_picture(300, 200))\n"
        "pixels = tcsdk.Decoder(models=[MODEL], threads=1).decode(data)\n"
        "print(tcsdk._kernels.simd(), hashlib.sha256(data + pixels.tobytes()).hexdigest())"
    )
    path = os.pathsep.join([str(MODEL.parent.parent), os.environ.get("PYTHONPATH", "")])
    ours = run_python(code, TCSDK_SIMD=target, PYTHONPATH=path).split()
    plain = run_python(code, TCSDK_SIMD="generic", PYTHONPATH=path).split()
    assert ours[0] == target
    assert ours[1] == plain[1]
