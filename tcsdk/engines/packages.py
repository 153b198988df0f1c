"""Which runtimes are installed, and which of them are in each other's way."""

from __future__ import annotations

from importlib import metadata

CPU_BUILD, GPU_BUILD = "onnxruntime", "onnxruntime-gpu"


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
