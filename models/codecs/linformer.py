"""Linformer's projections: the keys and values of a caption of any length come to k of each.

Wang et al., "Linformer: Self-Attention with Linear Complexity", 2020, its E and F, each one matrix
for all heads. The third study of TACO (CSEN 342 report) puts them into TACO's attentions. A picture
then asks k things however long its caption is; a caption that asks a picture is linear already.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Added to the logits of tokens that are not there; exp of it is 0, and FP16 holds it.
MASKED = -1e4


class FewTokens(nn.Module):
    """Keys and values of tokens to k of each.

    Both projections begin by adding token k + n to token n, token 2k + n too, and so on: what comes
    of a caption of k tokens or fewer is the attention itself.

    Args:
        count: k.
        length: tokens of a caption at most.
    """

    def __init__(self, count: int, length: int) -> None:
        super().__init__()
        folded = torch.eye(count).repeat(1, -(-length // count))[:, :length]
        self.keys, self.values = (nn.Parameter(folded.clone()) for _ in range(2))

    def forward(self, keys: Tensor, values: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the keys and values that are asked, (N, K, C), and their bias, (N, K).

        K is k, or T where that is less. Of a caption of fewer than K tokens as many are asked.

        Args:
            keys: (N, T, C), T at most `length`.
            values: the same shape.
            bias: (N, T), of their logits, MASKED where no token is.
        """
        tokens, count = keys.shape[1], min(keys.shape[1], len(self.keys))
        weights = bias.exp()[:, :, None]  # 0 where no token is; one of weight w is added w times
        keys, values = (
            rows[:count, :tokens].to(each.dtype) @ (each * weights.to(each.dtype))
            for rows, each in ((self.keys, keys), (self.values, values))
        )
        missing = (bias[:, :count] <= MASKED / 2).float() * MASKED
        return keys, values, missing
