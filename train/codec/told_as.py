"""What a recipe's net was told in its training, for measuring it with the same."""

from __future__ import annotations

from collections.abc import Sequence

from tcsdk.train.codec.captions import Given, exchanged
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.told import Pieces
from tcsdk.train.codec.wordings import TELLINGS, Seen, Telling


def told_as(
    recipe: str,
    pictures: Sequence[Seen],
    given: Given | None = None,
    telling: Telling | None = None,
) -> Pieces:
    """Return pictures' captions as a recipe's net is told them, in pieces.

    `tcsdk.train.codec.told.states` makes of them what the net's analysis takes.

    Args:
        recipe: a key of RECIPES, of one that is told captions.
        pictures: what can be told of each; a shuffled caption is the next one's.
        given: which captions instead of those of the training.
        telling: what true ones say instead of what they said in the training.

    Raises:
        ValueError: there is no such recipe, or it is told nothing.
    """
    data = RECIPES[recipe].data if recipe in RECIPES else None
    if data is None or data.captions is None:
        known = ", ".join(name for name, row in RECIPES.items() if row.data.captions)
        raise ValueError(f"expected one of the recipes {known}, got {recipe!r}")
    wording = data.wording
    true = [TELLINGS[telling or wording.telling](seen) for seen in pictures]
    return wording.cut(exchanged(true, given or data.captions))
