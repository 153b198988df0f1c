"""A student learns its teacher's latents and pictures, and has all else from it."""

import re
from dataclasses import replace

import pytest
import torch

from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.models.registry import NETS
from tcsdk.train.codec.data import Batch, DataConfig
from tcsdk.train.codec.distil import LEARNT, Teacher
from tcsdk.train.codec.losses import compute_loss
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, load_weights, save_weights

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]

QUALITY = torch.tensor([63, 20])
RECIPE = RECIPES["student-tinylic"]
SHORT = replace(RECIPE, steps=2, warmup=1, data=DataConfig(crop=(64, 128), batch=2, photos=0.0))


@pytest.fixture
def trained(tmp_path):
    """Weights of an edge net, in the folder of a run."""
    torch.manual_seed(1)
    net = EdgeCodec(EdgeConfig(adaptive=True))
    save_weights(tmp_path / WEIGHTS, net.state_dict(), Origin("edge-adaptive", "tfic", 9, 1))
    net.load_state_dict(load_weights(tmp_path))  # what is saved is FP16
    return net, tmp_path


@pytest.fixture
def batch():
    torch.manual_seed(2)
    pictures = torch.rand(2, 3, 64, 64).contiguous(memory_format=torch.channels_last)
    heights = torch.zeros(2, 1, 64, 64)
    heights[:, :, :32] = 20.0
    nothing = torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4, 2), ()
    return Batch(pictures, pictures, heights, *nothing)


def loss_of(teacher, student, batch):
    taught, output = teacher.teach(student, batch, QUALITY, 1, None)
    return compute_loss(RECIPE, taught, output, QUALITY, None, torch.Generator())


@torch.no_grad()
def test_who_gives_what_the_teacher_gives_has_no_error(trained, batch):
    net, folder = trained
    teacher = Teacher(folder, torch.device("cpu"))
    taught, output = teacher.teach(net, batch, QUALITY, 1, None)
    torch.testing.assert_close(output.x_hat, net(batch.pictures, QUALITY, 1).x_hat)
    torch.testing.assert_close(output.x_hat, taught.pictures)
    assert output.y_error.max() < 1e-6
    assert torch.equal(taught.text_heights, batch.text_heights)


@torch.no_grad()
def test_errors_of_y_count_in_quantiser_steps(trained, batch):
    net, folder = trained
    teacher = Teacher(folder, torch.device("cpu"))
    gain = net.code(net.analyse(batch.pictures - 0.5)[0], QUALITY).gain
    channel = 5
    net.g_a[-1].bias[channel] += 1.0 / gain[1, channel, 0, 0]  # a step of the second picture
    _, output = teacher.teach(net, batch, QUALITY, 1, None)
    ratio = (gain[0, channel] / gain[1, channel]).square().item()
    torch.testing.assert_close(output.y_error, torch.tensor([16.0 * ratio, 16.0]))


@torch.no_grad()
def test_errors_count_by_the_step_of_their_block(trained, batch):
    net, folder = trained
    teacher = Teacher(folder, torch.device("cpu"))
    offsets = torch.zeros(2, 1, 4, 4)
    before = net.code(net.analyse(batch.pictures - 0.5)[0], QUALITY).gain[1, 5, 0, 0]
    offsets[1, 0, 2, 3] = 8.0
    y = net.analyse(batch.pictures - 0.5)[0]
    after = net.code(y, QUALITY, offsets=offsets).gain[1, 5, 2, 3]
    net.g_a[-1].bias[5] += 1.0 / before
    _, output = teacher.teach(net, batch, QUALITY, 1, offsets)
    assert output.y_error[1].item() == pytest.approx(15.0 + (after / before).square().item())
    assert after > 1.5 * before


def test_both_transforms_of_a_student_learn(trained, batch):
    _, folder = trained
    teacher = Teacher(folder, torch.device("cpu"))
    torch.manual_seed(3)
    student = EdgeCodec(EdgeConfig(adaptive=True))
    teacher.lend(student)
    optimiser = torch.optim.Adam(student.parameters(), lr=1e-3)
    losses = []
    for _ in range(25):
        loss = loss_of(teacher, student, batch)
        losses.append((loss.bpp.item(), loss.mse.item()))
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
    (first_error, first_mse), (last_error, last_mse) = losses[0], losses[-1]
    assert last_error < 0.5 * first_error
    assert last_mse < 0.5 * first_mse


@pytest.mark.usefixtures("assets")
def test_a_student_of_another_net_keeps_what_its_teacher_lent(trained, tmp_path):
    net, folder = trained
    torch.manual_seed(5)
    before = NETS[RECIPE.net]().half().float().state_dict()  # what is saved is FP16
    other = tmp_path / "other.safetensors"
    save_weights(other, before, Origin(RECIPE.net, "base-tinylic", 5, 1))
    run = tmp_path / "student"
    Trainer(SHORT, run, init=other, teacher=folder).run(minutes=10)
    origin = load_origin(run)
    assert (origin.net, origin.recipe, origin.steps) == (RECIPE.net, "student-tinylic", 2)
    assert re.fullmatch("base-tinylic [0-9a-f]{16}, tfic [0-9a-f]{16}", origin.parent)
    after, lent = load_weights(run), net.half().float().state_dict()
    learnt = {name for name in after if name.startswith(LEARNT)}
    assert all(torch.equal(after[name], lent[name]) for name in after.keys() - learnt)
    changed = {name.split(".")[0] for name in learnt if not torch.equal(after[name], before[name])}
    assert changed == set(LEARNT)


@pytest.mark.usefixtures("assets")
def test_a_student_that_resumes_ends_where_an_uninterrupted_one_does(trained, tmp_path):
    _, folder = trained

    def weights_after(run, steps, *, resume=False):
        recipe = replace(SHORT, steps=steps, net="edge-adaptive")
        Trainer(recipe, tmp_path / run, resume=resume, teacher=folder).run(minutes=10)
        return load_weights(tmp_path / run)

    whole = weights_after("whole", 2)
    weights_after("parts", 1)
    parts = weights_after("parts", 2, resume=True)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_a_recipe_and_its_teacher_belong_together(trained, tmp_path):
    with pytest.raises(
        ValueError, match="expected weights of the recipe's teacher, tfic, got none"
    ):
        Trainer(RECIPE, tmp_path / "run")
    with pytest.raises(ValueError, match="expected weights of the recipe's teacher, none, got /"):
        Trainer(RECIPES["base"], tmp_path / "run", teacher=trained[1])


def test_a_teacher_without_weights_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected weights\.safetensors"):
        Teacher(tmp_path, torch.device("cpu"))
