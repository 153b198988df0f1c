"""Encoding refined for a reader: gradients of graphs, what errors are worth, and the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tcsdk.model.folder import CodecFolder
    from tcsdk.refining.refiner import Refiner

MOST_STEPS = 1000


def refiner_of(steps: int, folder: CodecFolder, threads: int, verify: bool | str) -> Refiner | None:
    """Return what refines the latents of a model; None for 0 steps.

    Args:
        steps: How many are taken.
        folder: Of the model.
        threads: CPU threads.
        verify: What verifies, which then reads the original for this too; False for nothing.

    Raises:
        MissingRuntimeError: The package `onnx` or the OCR is not installed.
        EngineError: The model's latents cannot be refined.
    """
    if not steps:
        return None
    from tcsdk.reading.reader import check_reader
    from tcsdk.refining.differentiable import check_onnx
    from tcsdk.refining.refiner import Refiner

    check_onnx(f"refine={steps}")
    if not verify:
        check_reader(f'refine={steps} without verify="fast"')
    return Refiner.load(folder, threads, steps)
