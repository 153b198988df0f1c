"""Under which names tcsdk is distributed, and how its extras and models are installed."""

from __future__ import annotations

# The name of the package to install; `import tcsdk` stays. On the public index the name "tcsdk"
# has belonged to somebody else since 2019: no message may send a user there.
DISTRIBUTION = "tcsdk-codec"

# The nets to compare with, a distribution of their own (packages/zoo).
ZOO = "tcsdk-zoo"


def install_extra(extra: str) -> str:
    """Say how to install an extra.

    Args:
        extra: One of pyproject.toml's, such as "cpu".

    >>> install_extra("ocr").split(",")[0]
    'pip install ".[ocr]" in a checkout'
    """
    return (
        f'pip install ".[{extra}]" in a checkout, or pip install "FILE.whl[{extra}]" '
        f"with the wheel of {DISTRIBUTION}"
    )


def install_zoo() -> str:
    """Say how to install the models that do not come with every installation.

    >>> install_zoo()
    'pip install ./packages/zoo in a checkout, or pip install FILE.whl with the wheel of tcsdk-zoo'
    """
    return (
        f"pip install ./packages/zoo in a checkout, or pip install FILE.whl with the wheel of {ZOO}"
    )


def installed_version() -> str:
    """Return the version of the installed distribution."""
    from importlib.metadata import version

    return version(DISTRIBUTION)
