"""Options of TACO's study: what nets are told in their training, and trained ones."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from checks import check_rejects
from tcsdk.codec.caption import piece_numbers
from tcsdk.models.registry import NETS
from tcsdk.train.codec.captions import CONSTANT
from tcsdk.train.codec.data import DataConfig, make_sample, open_batches
from tcsdk.train.codec.features import PACKAGE
from tcsdk.train.codec.growth import grown
from tcsdk.train.codec.joint_map import JOINT_MAP, JointMap
from tcsdk.train.codec.key_words import WEIGHT
from tcsdk.train.codec.photographs import whole_photo
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.told import states
from tcsdk.train.codec.told_as import told_as
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.codec.wordings import Seen
from tcsdk.train.render import Assets
from tcsdk.train.run.weights import Origin, load_weights, save_weights

pytestmark = pytest.mark.train
needs_weights = pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")
ZOO = Path(__file__).parents[3] / "zoo"
FROM_TACO = (
    "taco-hand",
    "taco-rule",
    "taco-keywords",
    "taco-tfidf",
    "taco-names",
    "taco-long",
    "taco-linformer",
)
FROM_CODEC = ("taco-frozen", "taco-encoder", "taco-open", "taco-mixed")
NAMES = ("wiki_049.webp", "unknown.webp")


@pytest.fixture
def photographs(assets) -> Assets:
    """Two, of which one has captions: left half blue, right half orange."""
    picture = np.zeros((100, 240, 3), np.uint8)
    picture[:, :120], picture[:, 120:] = (40, 80, 200), (250, 140, 20)
    return Assets(assets.families, assets.words, (picture, picture[:80]), NAMES)


def seen(short: str = "", scene: str = "") -> Seen:
    return Seen(scene, np.zeros((9, 9, 3)), (), np.zeros((9, 9), bool), short, short and short * 9)


def test_a_whole_photograph_is_shrunk_into_the_middle(photographs):
    shown = whole_photo(photographs, np.random.default_rng(1), (64, 128))
    assert shown.image.shape == (64, 128, 3)
    assert shown.whole_of in NAMES
    left, right = shown.image[:, :60], shown.image[:, 68:]
    assert np.abs(left.astype(int) - (40, 80, 200)).max() < 12
    assert np.abs(right.astype(int) - (250, 140, 20)).max() < 12


def test_whole_photographs_are_neither_cut_nor_coloured(photographs, tmp_path):
    config = DataConfig(crop=(64, 128), photos=1.0, whole=True)
    one = make_sample(photographs, config, 1, 0)
    assert one.image.shape == (64, 128, 3)
    blue = np.zeros((100, 200, 3), np.uint8) + np.uint8([40, 80, 200])
    for number in range(8):
        Image.fromarray(blue).save(tmp_path / f"{number}.png")
    source = open_batches(tmp_path, replace(config, captions="true"), seed=1)
    batch = next(iter(source))
    source.close()
    expected = torch.tensor([40, 80, 200]) / 255
    assert torch.allclose(batch.pictures, expected[:, None, None].expand(8, 3, 64, 128))


def test_photographs_are_told_by_hand_and_the_loss_what_it_always_was(tmp_path):
    blue = np.zeros((100, 200, 3), np.uint8) + np.uint8([40, 80, 200])
    for name in NAMES:
        Image.fromarray(blue).save(tmp_path / name, lossless=True)
    data = replace(RECIPES["taco-tfidf"].data, crop=(64, 128), batch=12, fresh=12, photos=1.0)
    source = open_batches(tmp_path, data, seed=1)
    batch = next(iter(source))
    source.close()
    said = piece_numbers("Yellow sand dunes under a blue sky")[:3]
    told = batch.captions.numpy()
    assert any((row[:3] == said).all() for row in told)
    assert not told.any(1).all()
    assert not batch.described.any()
    assert set(batch.weights.unique().tolist()) == {1.0, WEIGHT}


@pytest.mark.parametrize("name", [*FROM_TACO, *FROM_CODEC])
def test_options_start_from_weights_that_fit_and_are_as_long(name):
    recipe = RECIPES[name]
    assert recipe.steps == RECIPES["taco-true"].steps
    assert recipe.init == ("taco" if name in FROM_TACO else "tfic-rates")
    own = NETS[recipe.net]()
    given = load_weights(ZOO / ("taco" if name in FROM_TACO else "tfic"))
    own.load_state_dict(grown(own.state_dict(), given))
    assert torch.equal(own.g_a[0].weight, given["g_a.0.weight"])


@pytest.mark.parametrize("name", ["taco-encoder", "taco-open"])
def test_its_squared_form_is_the_same_without_the_perceptual_term(name):
    squared = RECIPES[f"{name}-squared"]
    assert (
        replace(squared, name=name, features=RECIPES[name].features, joint=RECIPES[name].joint)
        == (RECIPES[name])
    )
    assert squared.features is None
    assert squared.joint is None


def test_an_encoder_without_its_decoder_is_no_start(tmp_path, joint):
    with pytest.raises(ValueError, match="got none of g_s, gains, means, prior, scales; start"):
        Trainer(RECIPES["taco-hand"], tmp_path / "run", init=ZOO / "taco", joint=joint)


def test_longer_captions_keep_the_places_of_shorter_ones():
    own, given = NETS["edge-captioned-long"]().state_dict(), load_weights(ZOO / "taco")
    places = grown(own, given)["captions.places"]
    assert places.shape == (512, 64)
    assert torch.equal(places[:38], given["captions.places"])


def test_a_net_is_told_what_it_was_told_in_its_training():
    pictures = [seen("The moon over 1 hill"), seen(scene='"EXIT" in red')]
    hand = told_as("taco-hand", pictures)
    assert hand.numbers.tolist()[0] == piece_numbers("The moon over 1 hill").tolist()
    assert hand.weights is None
    words = told_as("taco-keywords", pictures).numbers.tolist()[1]
    assert words == piece_numbers('"EXIT", red').tolist()
    assert told_as("taco-names", pictures).weights[0, :4].tolist() == [1, 1, 1, WEIGHT]
    assert told_as("taco-long", pictures).numbers.shape == (2, 512)
    assert (
        told_as("taco-constant", pictures).numbers.tolist()[1] == piece_numbers(CONSTANT).tolist()
    )
    exchanged = told_as("taco-hand", pictures, given="shuffled").numbers
    assert torch.equal(exchanged, hand.numbers.flip(0))
    reworded = told_as("taco-hand", pictures, telling="keywords").numbers
    assert reworded.tolist()[1] == words
    check_rejects(lambda: told_as("tfic", pictures), ValueError, "taco-hand", "'tfic'")


@pytest.fixture
def joint(tmp_path) -> Path:
    """Weights of a joint map that has learnt nothing."""
    torch.manual_seed(0)
    path = tmp_path / "joint.safetensors"
    save_weights(path, JointMap().state_dict(), Origin(JOINT_MAP, JOINT_MAP, 0, 0))
    return path


def start_of(name: str) -> dict[str, torch.Tensor]:
    """Weights of a whole net: those of the captioned encoder over the decoder's."""
    told = load_weights(ZOO / "taco") if RECIPES[name].init == "taco" else {}
    return {**load_weights(ZOO / "tfic"), **told}


def trained(name: str, folder: Path, joint: Path) -> dict[str, torch.Tensor]:
    start = folder.with_suffix(".safetensors")
    save_weights(start, start_of(name), Origin("edge-captioned", "taco", 0, 0))
    data = replace(RECIPES[name].data, crop=(64, 128), batch=2, photos=0.0)
    recipe = replace(RECIPES[name], steps=3, warmup=1, average=0.0, data=data)
    Trainer(recipe, folder, init=start, joint=joint).run(5)
    return load_weights(folder)


@needs_weights
@pytest.mark.usefixtures("assets", "one_thread")
@pytest.mark.parametrize(
    ("name", "moves", "stays"),
    [
        ("taco-frozen", {"adapter", "captions"}, {"g_a", "g_s"}),
        ("taco-open", {"adapter", "captions", "g_a", "g_s", "scales"}, set()),
        ("taco-mixed", {"adapter", "captions", "g_a"}, {"g_s", "scales"}),
        ("taco-linformer", {"adapter", "captions", "g_a"}, {"g_s", "scales"}),
        ("taco-tfidf", {"adapter", "captions", "g_a"}, {"g_s", "scales"}),
    ],
)
def test_an_option_moves_what_it_is_to_move_and_tells_captions_from_none(
    tmp_path, joint, name, moves, stays
):
    after = trained(name, tmp_path / "one", joint)
    before = start_of(name)
    moved = {
        name.split(".")[0]
        for name, value in after.items()
        if name not in before or not torch.equal(before[name], value)
    }
    assert moves <= moved
    assert not stays & moved
    net = NETS[RECIPES[name].net]()
    net.load_state_dict(after)
    caption = states(net, told_as(name, [seen(scene='"EXIT 7" in red')]))
    with torch.no_grad():
        y, other = (net.analyse(torch.zeros(1, 3, 64, 64), c)[0] for c in (caption, None))
    assert torch.isfinite(y).all()
    assert not torch.equal(y, other)


@needs_weights
@pytest.mark.usefixtures("assets", "one_thread")
def test_an_option_is_trained_the_same_each_time(tmp_path, joint):
    one, other = (trained("taco-linformer", tmp_path / run, joint) for run in ("one", "two"))
    assert all(torch.equal(one[name], other[name]) for name in one)
