"""The recipes: one row per family, a file per system."""

from __future__ import annotations

from tcsdk.train.codec.recipes import taco, textboost, tfic

RECIPES = {recipe.name: recipe for recipe in (*tfic.RECIPES, *textboost.RECIPES, *taco.RECIPES)}
