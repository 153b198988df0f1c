"""Which runtimes are installed, and which of them are in each other's way."""

from __future__ import annotations

import platform
import re
from importlib import machinery, metadata, util
from pathlib import Path

CPU_BUILD, GPU_BUILD = "onnxruntime", "onnxruntime-gpu"
# An extension module's file whose name says which Python it is for.
_TAGGED = re.compile(r"\.(cpython-\d+t?|cp\d+t?)-[^.]*\.(so|pyd)")


def version_of(distribution: str) -> str | None:
    """Return an installed distribution's version, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def hidden_build() -> str | None:
    """Explain what to do where both builds of ONNX Runtime are installed, else return None.

    Both install the module `onnxruntime`; the files of one overwrite the other's, so CUDA
    vanishes without an error, and uninstalling one breaks the other.
    """
    versions = [version_of(name) for name in (CPU_BUILD, GPU_BUILD)]
    if None in versions:
        return None
    return (
        f"{CPU_BUILD} {versions[0]} and {GPU_BUILD} {versions[1]} are both installed and share "
        f"their files, so CUDA may be hidden: pip uninstall -y {CPU_BUILD} {GPU_BUILD}, then "
        "install the one that you want"
    )


def foreign_build(package: str) -> str:
    """Say that an installed package was built for another Python, or return "".

    So it is where one environment sees the packages of another Python's (PYTHONPATH, a copied
    folder, JetPack's own bindings under a newer interpreter). The import then fails with the name
    of a module inside, which tells nobody why.

    Args:
        package: Its name as imported, such as "tensorrt" or "cuda.bindings".
    """
    try:
        spec = util.find_spec(package)
    except (ImportError, ValueError):  # its parent is broken, or a module without a spec
        return ""
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [file.name for folder in folders for file in Path(folder).rglob("*.*")]
    tags = {match[1]: name for name in files if (match := _TAGGED.search(name))}
    ours = tuple(suffix for suffix in machinery.EXTENSION_SUFFIXES if suffix.count(".") > 1)
    if not tags or any(name.endswith(ours) for name in tags.values()):
        return ""
    return (
        f"{package} in {folders[0]} was built for {', '.join(sorted(tags))} and this is Python "
        f"{platform.python_version()}: use the Python it was built for, or install it again here"
    )
