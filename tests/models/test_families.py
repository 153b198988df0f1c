"""A family is one row: what ships says what it is, and no name decides how it is judged."""

import pytest

from tcsdk.model.find import find_model, list_codecs, list_models
from tcsdk.model.tasks import TASKS
from tcsdk.models.codecs.caption_encoder import TEXT_ENCODERS
from tcsdk.models.families import (
    CAPTIONED_FAMILIES,
    CROP_FAMILIES,
    DRAWING_FAMILIES,
    FAMILIES,
    PRIVATE_WIRE_ID,
    crop_family,
    family_of,
    row_of,
)
from tcsdk.models.registry import CAPTIONED_NETS, CROP_NETS, NETS
from tcsdk.quant.ship import PRECISIONS
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.run.weights import load_origin
from tcsdk.train.super_resolution.recipes import RECIPES as RESOLUTION_RECIPES

pytestmark = pytest.mark.train
CODECS = [model for model in list_codecs() if model.drawing is None]


def test_rows_name_nets_recipes_and_precisions_that_there_are():
    for row in FAMILIES.values():
        assert set(row.precisions) <= PRECISIONS.keys()
        assert {RECIPES[name].net for name in row.recipes} == {row.net} <= NETS.keys()


def test_rows_that_draw_name_nets_recipes_and_backbones_that_there_are():
    for row in DRAWING_FAMILIES.values():
        assert {RECIPES[name].net for name in row.recipes} == {row.net} <= NETS.keys()
        assert {RECIPES[name].init for name in row.recipes} == {FAMILIES[row.backbone].recipes[-1]}
        assert row.net.startswith(FAMILIES[row.backbone].net.removesuffix("-adaptive"))


def test_wire_ids_are_assigned_once_and_are_not_private():
    ids = [row.wire_id for row in (*FAMILIES.values(), *DRAWING_FAMILIES.values())]
    assert len(set(ids)) == len(ids)
    assert all(0 < wire_id < PRIVATE_WIRE_ID for wire_id in ids)


def test_a_reader_judges_what_a_reader_trained():
    """Its last stage asks none: the stages before it decide."""
    for row in FAMILIES.values():
        asked = any(RECIPES[name].reading for name in row.recipes)
        assert row.judge == ("reading" if asked else "distortion")


DRAWERS = [model.family for model in list_codecs() if model.drawing is not None]


@pytest.mark.parametrize("family", DRAWERS)
def test_shipped_weights_that_draw_say_their_family(family):
    model, row = find_model(family)[0], DRAWING_FAMILIES[family]
    origin = load_origin(model.path)
    assert (origin.net, origin.recipe) == (row.net, row.recipes[-1])
    assert (model.wire_id, model.default_quality) == (row.wire_id, row.default_quality)
    assert model.drawing.codec.family == row.backbone


def test_captioned_rows_name_nets_recipes_and_text_encoders_that_there_are():
    for row in CAPTIONED_FAMILIES.values():
        assert {RECIPES[name].net for name in row.recipes} == {row.net} <= CAPTIONED_NETS.keys()
        assert {RECIPES[name].init for name in row.recipes} == {FAMILIES[row.backbone].recipes[-1]}
        assert row.net.startswith(FAMILIES[row.backbone].net.removesuffix("-adaptive"))
    assert {n for n in NETS if "captioned" in n} == CAPTIONED_NETS.keys()
    assert set(CAPTIONED_NETS.values()) == TEXT_ENCODERS.keys()


@pytest.mark.parametrize("model", CODECS, ids=lambda model: model.family)
def test_shipped_weights_say_their_family(model):
    origin, row = load_origin(model.path), FAMILIES[model.family]
    assert family_of(origin.recipe) == model.family
    assert origin.net == row.net
    shipped = (model.wire_id, model.halo, model.default_quality, set(model.precisions) - {"fp32"})
    packed = {"packed"} if "int8" in row.precisions else set()  # what libtcs runs is made of it
    assert shipped == (row.wire_id, row.halo, row.default_quality, {*row.precisions} | packed)


SHIPPED = [model for model in list_models() if model.family in CROP_FAMILIES]


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.family)
def test_shipped_weights_that_take_crops_say_their_family(model):
    origin, row = load_origin(model.path), CROP_FAMILIES[model.family]
    assert (origin.net, model.task) == (row.net, row.task)
    assert origin.recipe in row.recipes
    assert set(model.precisions) == {"fp32", *row.precisions}


def test_rows_of_crop_families_name_nets_tasks_and_recipes_that_there_are():
    trained = {"reader": "reader", **{n: row.net for n, row in RESOLUTION_RECIPES.items()}}
    for row in CROP_FAMILIES.values():
        assert row.net in CROP_NETS
        assert row.task in TASKS
        assert set(row.precisions) <= PRECISIONS.keys()
        assert {trained[recipe] for recipe in row.recipes} == {row.net}


def test_crops_are_exported_under_the_name_of_their_recipes_family_or_an_own_one():
    assert crop_family(None, "edsr-s", "edsr-text") == ("edsr-s", CROP_FAMILIES["edsr-s"])
    assert crop_family("mine", "edsr-s", "another") == ("mine", CROP_FAMILIES["edsr-s"])
    with pytest.raises(
        ValueError, match=r"recipes .*edsr-text.* for edsr-s, got those of 'another'"
    ):
        crop_family(None, "edsr-s", "another")
    with pytest.raises(ValueError, match="--family"):
        crop_family("reader", "edsr-s", "edsr-text")
    with pytest.raises(ValueError, match=r"of the nets cdistnet-s, .*got those of 'edsr'"):
        crop_family(None, "edsr", "edsr-text")


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
