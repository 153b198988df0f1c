"""Under which name tcsdk is distributed, and how its extras are installed."""

from __future__ import annotations

# The name of the package to install; `import tcsdk` stays. On the public index the name "tcsdk"
# has belonged to somebody else since 2019: no message may send a user there.
DISTRIBUTION = "tcsdk-codec"


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
