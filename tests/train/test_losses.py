import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")

from tcsdk.models.edge import EdgeOutput  # noqa: E402
from tcsdk.train.data import Batch  # noqa: E402
from tcsdk.train.losses import choose_lines, compute_loss, weight_of  # noqa: E402
from tcsdk.train.recipes import RECIPES, Range  # noqa: E402

pytestmark = pytest.mark.train


def batch_of(lines):
    quads = torch.tensor([[[4, 4], [4 + w, 4], [4 + w, 4 + h], [4, 4 + h]] for w, h in lines])
    masks = torch.zeros(1, 1, 64, 128)
    masks[..., :32, :] = 1.0
    return Batch(
        torch.rand(1, 3, 64, 128), masks, torch.zeros(len(lines), dtype=torch.int64),
        quads.float().reshape(-1, 4, 2), tuple("abc" for _ in lines),
    )  # fmt: skip


def loss_of(recipe, batch, x_hat, quality=32):
    output = EdgeOutput(x_hat, torch.tensor([800.0]), torch.tensor([200.0]))
    return compute_loss(recipe, batch, output, torch.tensor([quality]), None, torch.Generator())


def test_weight_is_log_linear_in_quality():
    weights = weight_of(Range(1.0, 100.0), torch.tensor([0, 63]))
    assert weights.tolist() == pytest.approx([1.0, 100.0], rel=1e-5)


def test_perfect_picture_costs_its_bits():
    batch = batch_of([])
    loss = loss_of(RECIPES["base"], batch, batch.pictures.clone(), quality=0)
    assert loss.total.item() == pytest.approx(1000 / (64 * 128))
    assert loss.mse.item() == 0


def test_tfic_minds_errors_in_text_more_than_behind_it():
    batch = batch_of([])
    in_text, behind = batch.pictures.clone(), batch.pictures.clone()
    in_text[..., :32, :] += 0.1
    behind[..., 32:, :] += 0.1
    text_loss, background_loss = (
        loss_of(RECIPES["tfic"], batch, x).total for x in (in_text, behind)
    )
    assert text_loss > background_loss


def test_lines_too_small_or_too_long_are_not_read():
    generator = torch.Generator().manual_seed(0)
    assert choose_lines(batch_of([(60, 3), (119, 8)]), 4, generator) is None
    chosen = choose_lines(batch_of([(60, 20), (60, 3)]), 4, generator)
    assert len(chosen.texts) == 1


def test_quads_are_jittered_but_stay_near():
    batch = batch_of([(60, 20)])
    chosen = choose_lines(batch, 1, torch.Generator().manual_seed(1))
    moved = (chosen.quads - batch.quads).abs()
    assert 0 < moved.max() <= 0.04 * 20
