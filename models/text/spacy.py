"""spaCy's small text encoder: rows of hashed tables, mixed, and a window of words, layer by layer.

Honnibal and Montani's `MultiHashEmbed` and `MaxoutWindowEncoder` (spacy.io/api/architectures), for
weights that they trained. What a caption's rows are, `tcsdk.codec.spacy_rows` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.codec.spacy_ids import ROWS
from tcsdk.models.text.caption import Caption

_EPSILON = 1e-8  # of the normalisations


@dataclass(frozen=True)
class SpacyConfig:
    """Widths of a text encoder.

    Attributes:
        rows: of each table.
        channels: of a row and of a word.
        pieces: of which the largest is taken.
        layers: each of which sees the words beside a word.
    """

    rows: tuple[int, ...]
    channels: int
    pieces: int
    layers: int


SMALL = SpacyConfig((5000, 1000, 2500, 2500, 50, 50), 96, 3, 4)


class Maxout(nn.Module):
    """The largest of some linear functions, normalised (Goodfellow et al., 2013).

    Args:
        given: channels.
        made: channels.
        pieces: functions.
    """

    def __init__(self, given: int, made: int, pieces: int) -> None:
        super().__init__()
        self.linear = nn.Linear(given, made * pieces)
        self.norm = nn.LayerNorm(made, _EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, T, made) of x (N, T, given)."""
        made = self.norm.normalized_shape[0]
        return self.norm(self.linear(x).unflatten(2, (made, -1)).amax(3))


class SpacyText(nn.Module):
    """Rows of tables to states of words. 1,565,664 weights as published.

    Args:
        config: of the net.
        length: words of a caption at most.
    """

    def __init__(self, config: SpacyConfig, length: int) -> None:
        super().__init__()
        c, tables = config, len(config.rows)
        self.config, self.channels, self.length = c, c.channels, length
        self.parts, self.largest = ROWS * tables, sum(c.rows)
        self.rows = nn.Embedding(self.largest, c.channels)
        self.mix = Maxout(tables * c.channels, c.channels, c.pieces)
        self.layers = nn.ModuleList(
            Maxout(3 * c.channels, c.channels, c.pieces) for _ in range(c.layers)
        )

    def forward(self, numbers: Tensor) -> Caption:
        """Return the states of captions' words.

        Args:
            numbers: (N, T * parts) int64, T at most `length`: 1 and a row, four of each table, the
                tables one below the other; 0 where no word is.
        """
        numbers = numbers.unflatten(1, (-1, self.parts))
        there = (numbers[:, :, 0] > 0).float()
        rows = self.rows((numbers - 1).clamp(min=0)).unflatten(2, (-1, ROWS))
        x = self.mix(rows.sum(3).flatten(2)) * there[:, :, None]
        beyond = len(self.layers)  # blank words, which change as words do
        x = functional.pad(x, (0, 0, beyond, beyond))
        for layer in self.layers:
            around = functional.pad(x, (0, 0, 1, 1))
            x = x + layer(torch.cat([around[:, :-2], x, around[:, 2:]], 2))
        return Caption(x[:, beyond:-beyond], there)
