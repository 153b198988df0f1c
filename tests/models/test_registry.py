"""A family is one row: what ships says what it is, and no name decides how it is judged."""

import pytest
import torch

from tcsdk.model.find import find_model, list_codecs
from tcsdk.model.graphs import RECOGNITION
from tcsdk.models.registry import (
    DRAWING_FAMILIES,
    FAMILIES,
    NETS,
    PRIVATE_WIRE_ID,
    READER_FAMILIES,
    codec_of,
    family_of,
    row_of,
)
from tcsdk.quant.ship import PRECISIONS
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.run.weights import load_origin

pytestmark = pytest.mark.train
CODECS = [model for model in list_codecs() if model.drawing is None]


def test_rows_name_nets_recipes_and_precisions_that_there_are():
    for row in FAMILIES.values():
        assert set(row.precisions) <= PRECISIONS.keys()
        assert {RECIPES[name].net for name in row.recipes} == {row.net} <= NETS.keys()


def test_wire_ids_are_assigned_once_and_are_not_private():
    ids = [row.wire_id for row in (*FAMILIES.values(), *DRAWING_FAMILIES.values())]
    assert len(set(ids)) == len(ids)
    assert all(0 < wire_id < PRIVATE_WIRE_ID for wire_id in ids)


def test_a_reader_judges_what_a_reader_trained():
    """Its last stage asks none: the stages before it decide."""
    for row in FAMILIES.values():
        asked = any(RECIPES[name].reading for name in row.recipes)
        assert row.judge == ("reading" if asked else "distortion")


@pytest.mark.parametrize("family", DRAWING_FAMILIES)
def test_shipped_weights_that_draw_say_their_family(family):
    model, row = find_model(family)[0], DRAWING_FAMILIES[family]
    origin = load_origin(model.path)
    assert (origin.net, origin.recipe) == (row.net, row.recipes[-1])
    assert (model.wire_id, model.default_quality) == (row.wire_id, row.default_quality)
    assert model.drawing.codec.family == row.backbone


@pytest.mark.parametrize("model", CODECS, ids=lambda model: model.family)
def test_shipped_weights_say_their_family(model):
    origin, row = load_origin(model.path), FAMILIES[model.family]
    assert family_of(origin.recipe) == model.family
    assert origin.net == row.net
    shipped = (model.wire_id, model.halo, model.default_quality, set(model.precisions) - {"fp32"})
    assert shipped == (row.wire_id, row.halo, row.default_quality, set(row.precisions))


@pytest.mark.parametrize("family", READER_FAMILIES)
def test_shipped_readers_say_their_family(family):
    model, _ = find_model(family, task=RECOGNITION)
    origin, row = load_origin(model.path), READER_FAMILIES[family]
    assert (origin.net, model.characters) == (row.net, row.characters)
    assert origin.recipe in row.recipes
    assert set(model.precisions) == {"fp32", *row.precisions}


def test_a_private_name_changes_the_wire_id_and_nothing_of_how_it_is_judged():
    assert row_of("tfic", "edge-adaptive", "tfic-rates") == FAMILIES["tfic"]
    mine = row_of("mine", "edge-adaptive", "tfic-rates")
    assert (mine.wire_id, mine.judge) == (PRIVATE_WIRE_ID, "reading")
    own = row_of("mine", "edge", "my-recipe")
    assert (own.wire_id, own.judge, own.precisions) == (
        PRIVATE_WIRE_ID,
        "distortion",
        ("int8", "w4"),
    )
    assert row_of("mine", "my-net", "my-recipe").precisions == ()


def test_another_familys_name_is_refused():
    with pytest.raises(ValueError, match=r"recipe tfic or tfic-rates for family tfic, got .* base"):
        row_of("tfic", "edge", "base")
    assert family_of("text") is None


def test_weights_of_another_net_are_refused():
    weights = {"g_a.0.weight": torch.zeros(3)}
    with pytest.raises(ValueError, match="expected the weights of the net edge, got others"):
        codec_of(weights, "edge")
    with pytest.raises(ValueError, match=r"of one of the nets edge, .*got 'own-reader'"):
        codec_of(weights, "own-reader")
