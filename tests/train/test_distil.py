"""A student learns its teacher's latents and pictures, and has all else from it."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")

from tcsdk.models.edge import EdgeCodec, EdgeConfig  # noqa: E402
from tcsdk.models.nets import NETS  # noqa: E402
from tcsdk.train.checkpoint import load_weights  # noqa: E402
from tcsdk.train.data import Batch, DataConfig  # noqa: E402
from tcsdk.train.distil import LEARNT, Teacher  # noqa: E402
from tcsdk.train.loop import Trainer  # noqa: E402
from tcsdk.train.losses import compute_loss  # noqa: E402
from tcsdk.train.recipes import RECIPES  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]

QUALITY = torch.tensor([63, 20])
RECIPE = RECIPES["student-tinylic"]


@pytest.fixture
def trained(tmp_path):
    """Weights of an edge net, in the folder of a run."""
    torch.manual_seed(1)
    net = EdgeCodec(EdgeConfig(adaptive=True))
    torch.save(net.state_dict(), tmp_path / "weights.pt")
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
    assert output.r_bits.max() < 1e-6
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
    torch.testing.assert_close(output.r_bits, torch.tensor([16.0 * ratio, 16.0]))


def test_both_transforms_of_a_student_learn(trained, batch):
    _, folder = trained
    teacher = Teacher(folder, torch.device("cpu"))
    torch.manual_seed(3)
    student = EdgeCodec(EdgeConfig(adaptive=True))
    teacher.lend(student)
    learning = [p for p in student.parameters() if p.requires_grad]
    optimiser = torch.optim.Adam(learning, lr=1e-3)
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


@pytest.mark.usefixtures("fonts")
def test_a_student_of_another_net_keeps_what_its_teacher_lent(trained, tmp_path):
    net, folder = trained
    data = DataConfig(crop=(64, 128), batch=2, photos=0.0)
    recipe = replace(RECIPE, steps=2, data=data)
    torch.manual_seed(5)
    before = NETS[recipe.net]().state_dict()
    torch.save(before, tmp_path / "other.pt")
    run = tmp_path / "student"
    Trainer(recipe, run, init=tmp_path / "other.pt", teacher=folder).run(minutes=10)
    after, lent = load_weights(run), net.state_dict()
    learnt = {name for name in after if name.startswith(LEARNT)}
    for name in after.keys() - learnt:
        torch.testing.assert_close(after[name], lent[name], rtol=1e-3, atol=1e-6)  # FP16
    assert all(after[name].shape == before[name].shape for name in learnt)
    changed = {name.split(".")[0] for name in learnt if not torch.equal(after[name], before[name])}
    assert changed == set(LEARNT)


def test_a_recipe_with_a_teacher_wants_its_weights(tmp_path):
    with pytest.raises(ValueError, match="expected weights of the teacher tfic, got none"):
        Trainer(RECIPE, tmp_path)
    with pytest.raises(FileNotFoundError, match=r"expected weights\.pt or weights\.safetensors"):
        Teacher(tmp_path, torch.device("cpu"))
