"""What pages show runs as it stands: blocks of Python, and commands of the shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "examples" / "pictures"
PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs/use").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Words of a block of Python -> what it needs beside a device's own packages.
ELSEWHERE = {
    "tcsdk.batch": "Ray's cluster",
    'device="triton"': "a Triton server",
}
READS = (
    "verify=True",
    "tcsdk.read(",
    'Encoder("textboost"',
    "refine=",
)  # words of blocks that need the extra [ocr]
# Pages whose commands run as they stand; `tcsdk view` and `mime` need a desktop.
COMMANDS = ("README.md", "docs/use/getting-started.md")


def blocks(page, language):
    """A page's blocks of a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


def runnable(page):
    """A page's blocks of Python, as one program; each may use what those before it made."""
    return "\n".join(
        block for block in blocks(page, "python") if not any(word in block for word in ELSEWHERE)
    )


def programs():
    """Every page with a program, marked by what it needs."""
    for page in PAGES:
        if program := runnable(page):
            marks = [pytest.mark.ocr] if any(word in program for word in READS) else []
            yield pytest.param(program, id=page, marks=marks)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A reader's folder: the examples' pictures, and files by the names that pages use."""
    shutil.copytree(PICTURES, tmp_path / "examples" / "pictures")
    shutil.copy(PICTURES / "label.png", tmp_path)
    with Image.open(PICTURES / "label.png") as image:  # little to read: verifying takes long
        for name in ("meter.png", "scan.tif"):
            image.crop((32, 24, 480, 100)).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("program", list(programs()))
def test_the_python_of_a_page_runs(program, folder):
    import tcsdk

    (folder / "meter.tcs").write_bytes(tcsdk.Encoder().encode("label.png", quality=0))
    (folder / "photos").mkdir()
    shutil.copy("label.png", "photos/a.png")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.ocr
@pytest.mark.parametrize("page", COMMANDS)
def test_the_commands_of_a_page_run(page, folder):
    lines = [line for block in blocks(page, "") for line in block.splitlines()]
    script = [line for line in lines if re.match(r"(cp|tcsdk (?!view|mime)\w+) ", line + " ")]
    assert len(script) >= 3
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-x", "-c", "\n".join(script)],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_blocks_that_run_elsewhere_are_still_there():
    everything = "".join(block for page in PAGES for block in blocks(page, "python"))
    assert [word for word in ELSEWHERE if word not in everything] == []
