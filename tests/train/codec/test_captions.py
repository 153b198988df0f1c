"""What captions say of rendered crops."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from tcsdk.codec.caption import piece_numbers
from tcsdk.models.codecs.caption_encoder import PieceEmbedding
from tcsdk.train.codec.captions import (
    COLOURS,
    CONSTANT,
    GIVEN,
    WORDINGS,
    colour_name,
    exchanged,
    place_name,
    scene_caption,
)
from tcsdk.train.codec.data import open_batches
from tcsdk.train.codec.features import PACKAGE
from tcsdk.train.codec.joint_map import JOINT_MAP, JointMap
from tcsdk.train.codec.recipe import Recipe
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.render import Line
from tcsdk.train.run.weights import Origin, load_origin, load_weights, save_weights

pytestmark = pytest.mark.train
needs_weights = pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")
SIZE = (90, 120)
ZOO = Path(__file__).parents[3] / "zoo"
QUAD = np.float32([(80, 62), (118, 62), (118, 80), (80, 80)])


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A yellow picture with a bar of red ink at the bottom right."""
    picture = np.broadcast_to(np.float32(COLOURS["yellow"]), (*SIZE, 3)).copy()
    picture[68:74, 84:114] = COLOURS["red"]
    shows_text = np.zeros(SIZE, bool)
    shows_text[62:80, 80:118] = True
    return picture, shows_text


@pytest.mark.parametrize("seed", range(8))
def test_a_scene_says_what_is_written_where_and_in_which_colours(seed):
    picture, shows_text = scene()
    lines = [Line("EXIT 7", QUAD)]
    said = scene_caption(picture, lines, shows_text, np.random.default_rng(seed))
    for part in ('"EXIT 7"', "at the bottom right", "red", "a plain yellow background"):
        assert part in said


def test_a_seed_gives_one_wording_and_seeds_give_all_five():
    picture, shows_text = scene()

    def caption(seed: int) -> str:
        lines = [Line("EXIT 7", QUAD)]
        return scene_caption(picture, lines, shows_text, np.random.default_rng(seed))

    assert caption(3) == caption(3)
    assert len({caption(seed) for seed in range(40)}) == len(WORDINGS) == 5


def test_a_scene_without_lines_says_its_ground():
    noise = np.random.default_rng(0).random((*SIZE, 3))
    said = scene_caption(noise, [], np.zeros(SIZE, bool), np.random.default_rng(0))
    assert said.startswith("a varied")


def test_only_the_largest_lines_are_said():
    picture, shows_text = scene()
    small = [Line(f"small {n}", QUAD * [1, 0] + [[0, 5], [0, 5], [0, 9], [0, 9]]) for n in range(5)]
    said = scene_caption(
        picture, [*small, Line("LARGE", QUAD)], shows_text, np.random.default_rng(0)
    )
    assert "LARGE" in said
    assert said.count("small") == 2


@pytest.mark.parametrize("name", COLOURS)
def test_a_colour_is_called_by_its_name(name):
    assert colour_name(np.array(COLOURS[name])) == name


def test_places_are_ninths():
    assert place_name(QUAD, SIZE) == "at the bottom right"
    assert place_name(np.full((4, 2), (60, 45)), SIZE) == "in the middle"


def test_own_encoder_gives_tokens_that_know_their_place():
    torch.manual_seed(0)
    encoder = PieceEmbedding(64)
    torch.nn.init.normal_(encoder.places)
    one, other = (torch.from_numpy(piece_numbers(c)) for c in ("red car", "car red"))
    caption = encoder(torch.stack([one, other]))
    assert caption.tokens.shape == (2, 38, 64)
    assert caption.mask.sum(1).tolist() == [2, 2]
    assert not torch.equal(caption.tokens[0, 0], caption.tokens[1, 1])
    assert sum(p.numel() for p in encoder.parameters()) == 264_704


@pytest.mark.parametrize("given", GIVEN)
def test_captions_of_a_step_are_exchanged(given):
    said = exchanged(["a", "b", "c"], given)
    assert said == {
        "true": ["a", "b", "c"],
        "shuffled": ["b", "c", "a"],
        "constant": [CONSTANT] * 3,
        "none": [""] * 3,
    }.get(given)


@pytest.fixture
def joint(tmp_path) -> Path:
    """Weights of a joint map that has learnt nothing."""
    torch.manual_seed(0)
    path = tmp_path / "joint.safetensors"
    save_weights(path, JointMap().state_dict(), Origin(JOINT_MAP, JOINT_MAP, 0, 0))
    return path


def small_taco() -> Recipe:
    data = replace(RECIPES["taco"].data, crop=(64, 128), batch=2, photos=0.0)
    return replace(RECIPES["taco"], steps=3, warmup=1, average=0.0, data=data)


@needs_weights
@pytest.mark.usefixtures("assets", "one_thread")
def test_training_moves_the_encoder_alone_and_the_adapter_with_it(tmp_path, joint):
    Trainer(small_taco(), tmp_path / "run", init=ZOO / "tfic", joint=joint).run(5)
    before, after = load_weights(ZOO / "tfic"), load_weights(tmp_path / "run")
    moved = {name.split(".")[0] for name, value in before.items() if (value != after[name]).any()}
    assert {"g_a"} <= moved <= {"g_a", "h_a", "detector"}
    for part in ("first", "extractor", "second"):
        assert after[f"adapter.{part}.gamma"].abs().max() > 0
        assert after[f"adapter.{part}.combine.weight"].abs().max() > 0
    assert "joint-map" in load_origin(tmp_path / "run").parent


def test_a_joint_map_goes_with_a_joint_loss(tmp_path, joint):
    with pytest.raises(ValueError, match="expected a joint map for recipe taco, got none"):
        Trainer(small_taco(), tmp_path / "run", init=ZOO / "tfic")
    with pytest.raises(ValueError, match="expected a joint map of no recipe tfic, got"):
        Trainer(RECIPES["tfic"], tmp_path / "run", init=ZOO / "tfic", joint=joint)


@pytest.mark.usefixtures("assets")
def test_shuffled_captions_are_told_to_the_encoder_and_true_ones_to_the_loss():
    data = replace(small_taco().data, captions="shuffled")
    source = open_batches(None, data, seed=1)
    batch = next(iter(source))
    source.close()
    assert torch.equal(batch.captions, batch.described.roll(-1, 0))
    assert (batch.described > 0).any()
