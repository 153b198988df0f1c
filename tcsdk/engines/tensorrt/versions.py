"""What TensorRT needs to be told, by version: one row per generation.

Sources: TensorRT's developer guide ("Strongly Typed Networks", "Explicit Quantization") and its
migration guide from 10 to 11. Weak typing was deprecated in 10.12; 11 has neither precision flags
nor per-layer precisions, and ignores the flag STRONGLY_TYPED.
"""

from __future__ import annotations

from dataclasses import dataclass

from tcsdk.errors import MissingRuntimeError


@dataclass(frozen=True)
class Typing:
    """How the types of a network are fixed.

    Attributes:
        network_flags: Members of NetworkDefinitionCreationFlag.
        builder_flags: Members of BuilderFlag.
        pins_float: Fix layers that no DequantizeLinear feeds to float32 one by one: a weakly
            typed builder may choose FP16 for latents, which hold integers beyond 2048.
    """

    network_flags: tuple[str, ...] = ()
    builder_flags: tuple[str, ...] = ()
    pins_float: bool = False


STRONG = Typing(network_flags=("STRONGLY_TYPED",))
ALWAYS_STRONG = Typing()
EXPLICIT_QDQ = Typing(builder_flags=("INT8", "FP16", "OBEY_PRECISION_CONSTRAINTS"), pins_float=True)


@dataclass(frozen=True)
class VersionRow:
    """One generation of TensorRT.

    Attributes:
        since: First version of it.
        where: Who has it.
        typing: Precision of the graphs -> how their types are fixed.
    """

    since: tuple[int, int]
    where: str
    typing: dict[str, Typing]


VERSIONS: tuple[VersionRow, ...] = (
    VersionRow((10, 3), "JetPack 6", {"fp16": STRONG, "s8s8": EXPLICIT_QDQ}),
    VersionRow((10, 12), "JetPack 7 before 7.2.2", {"fp16": STRONG, "s8s8": STRONG}),
    VersionRow((11, 0), "wheels, JetPack 7.2.2", {"fp16": ALWAYS_STRONG, "s8s8": ALWAYS_STRONG}),
)
# The precisions whose graphs can become a plan.
PRECISIONS = tuple(VERSIONS[-1].typing)


def version_row(version: str) -> VersionRow:
    """Return the row of a TensorRT version such as "10.3.0.30".

    Raises:
        MissingRuntimeError: It is older than the first row.
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    rows = [row for row in VERSIONS if row.since <= (major, minor)]
    if not rows:
        first = ".".join(map(str, VERSIONS[0].since))
        raise MissingRuntimeError(
            f"expected TensorRT {first} or later, got {version}: update TensorRT (on a Jetson "
            'update JetPack to 6.1 or later), or use device="cuda"'
        )
    return rows[-1]
