"""Put ONNX Runtime's headers and the library of the installed wheel into one folder, for CMake.

The wheel has the library and no headers; a development package (Debian 13: libonnxruntime-dev) or a
release archive has the headers. The C interface is versioned: headers no newer than the library
work. With the wheel's own library the C++ program computes what Python computes, to the bit.

    python examples/cpp/ort_root.py build/ort --include /usr/include/onnxruntime
    cmake -S examples/cpp -B build/cpp -DORT_ROOT=build/ort
"""

from __future__ import annotations

import argparse
import importlib.util
import re
from pathlib import Path

from tcsdk.distribution import install_extra

HEADER = "onnxruntime_cxx_api.h"
SYSTEM = (Path("/usr/include/onnxruntime"), Path("/usr/local/include/onnxruntime"))


class OrtRootError(Exception):
    """Headers or library are not there, or do not fit each other."""


def find_headers(include: Path | None) -> Path:
    """Return the folder of the C++ header.

    Args:
        include: Where to look, itself or below; None for the system's usual places.

    Raises:
        OrtRootError: It is not there.
    """
    places = SYSTEM if include is None else (include, include / "onnxruntime")
    for place in places:
        if (place / HEADER).is_file():
            return place
    looked = ", ".join(map(str, places))
    raise OrtRootError(
        f"no {HEADER} in {looked}: install libonnxruntime-dev (Debian 13 or later), or unpack a "
        "release of ONNX Runtime and name its include folder with --include"
    )


def find_library() -> Path:
    """Return the shared library of the installed wheel.

    Raises:
        OrtRootError: onnxruntime is not installed, or its wheel has no such library.
    """
    spec = importlib.util.find_spec("onnxruntime")
    if spec is None or spec.origin is None:
        raise OrtRootError(f"onnxruntime is not installed: {install_extra('cpu')}")
    folder = Path(spec.origin).parent / "capi"
    libraries = sorted(folder.glob("libonnxruntime.so.*"))
    if not libraries:
        raise OrtRootError(f"no libonnxruntime.so.* in {folder}: set ORT_ROOT to a release archive")
    return libraries[-1]


def check_versions(headers: Path, library: Path) -> None:
    """Refuse headers that are newer than the library.

    Raises:
        OrtRootError: They are, or say no version.
    """
    text = (headers / "onnxruntime_c_api.h").read_text(encoding="utf-8")
    asked = re.search(r"^#define ORT_API_VERSION (\d+)", text, re.MULTILINE)
    has = re.search(r"\.so\.1\.(\d+)", library.name)
    if asked is None or has is None or int(asked[1]) > int(has[1]):
        raise OrtRootError(
            f"expected headers of at most version 1.{has[1] if has else '?'} for {library}, got "
            f"1.{asked[1] if asked else '?'} in {headers}"
        )


def make_root(folder: Path, include: Path | None) -> None:
    """Fill a folder with links: include/ and lib/.

    Args:
        folder: It; made if need be, its links replaced.
        include: As for `find_headers`.

    Raises:
        OrtRootError: Headers or library are missing, or do not fit.
    """
    headers, library = find_headers(include), find_library()
    check_versions(headers, library)
    (folder / "lib").mkdir(parents=True, exist_ok=True)
    names = ("libonnxruntime.so", "libonnxruntime.so.1", library.name)
    links = {folder / "lib" / name: library for name in names} | {folder / "include": headers}
    for link, target in links.items():
        link.unlink(missing_ok=True)
        link.symlink_to(target.resolve())


def main() -> None:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--include", type=Path, help=f"folder of {HEADER} (default: the system's)")
    arguments = parser.parse_args()
    try:
        make_root(arguments.folder, arguments.include)
    except OrtRootError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
