"""A clamp that learning can leave again."""

from __future__ import annotations

import torch
from torch import Tensor


class _Bound(torch.autograd.Function):
    """clamp(x, low, high) whose gradient still flows where it leads back inside the bounds."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, x: Tensor, low: float, high: float
    ) -> Tensor:
        ctx.save_for_backward(x)
        ctx.bounds = (low, high)
        return x.clamp(low, high)

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, grad: Tensor
    ) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        low, high = ctx.bounds
        inside = ((x >= low) | (grad < 0)) & ((x <= high) | (grad > 0))
        return grad * inside, None, None


def bound(x: Tensor, low: float, high: float) -> Tensor:
    """Clamp with a gradient that can leave the bound again."""
    return _Bound.apply(x, low, high)
