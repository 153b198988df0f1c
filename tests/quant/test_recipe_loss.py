"""The training's loss for a quantised net: the same for the same step, with gradients."""

import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")
from contextlib import closing  # noqa: E402

from tcsdk.models.edge import EdgeCodec, EdgeConfig  # noqa: E402
from tcsdk.quant.recipe_loss import RecipeLoss  # noqa: E402
from tcsdk.quant.tuning import COMPARED  # noqa: E402
from tcsdk.train.recipes import RECIPES  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture
def codec():
    torch.manual_seed(3)
    return EdgeCodec(EdgeConfig(16, 16, 16, 8, (1, 1), (1, 1)))


def test_batches_kept_apart_stay_and_those_of_steps_are_fresh(fonts, codec):
    with closing(RecipeLoss(RECIPES["base"], None)) as loss, torch.no_grad():
        kept = [loss(codec, -1 - i).item() for i in range(COMPARED)]
        fresh = [loss(codec, 0).item() for _ in range(2)]
        assert [loss(codec, -1 - i).item() for i in range(COMPARED)] == kept
    assert len({*kept, *fresh}) == COMPARED + 2


def test_two_of_a_recipe_agree_and_leave_the_dice_alone(fonts, codec):
    expected = torch.get_rng_state()
    values = []
    for _ in range(2):
        with closing(RecipeLoss(RECIPES["base"], None)) as loss:
            value = loss(codec, 0)
            value.backward()
            values.append(value.item())
    assert values[0] == values[1]
    assert torch.equal(torch.get_rng_state(), expected)
    assert all(p.grad is not None for p in codec.g_s.parameters())
