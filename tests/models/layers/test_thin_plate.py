import pytest
import torch
from torch.nn import functional

from tcsdk.models.layers.thin_plate import (
    MARGIN,
    SMALL,
    START_MARGIN,
    VIEW,
    Rectifier,
    control_points,
    spline_matrix,
)

pytestmark = pytest.mark.train


def ramp(height, width):
    """A crop whose colours say the place: x, y and 0, in 0..1."""
    y = ((torch.arange(height) + 0.5) / height)[:, None].expand(height, width)
    x = ((torch.arange(width) + 0.5) / width).expand(height, width)
    return torch.stack([x, y, torch.zeros(height, width)])[None]


def test_control_points_lie_on_both_edges():
    points = control_points(0.05)
    assert points.shape == (20, 2)
    torch.testing.assert_close(points[0], torch.tensor([0.05, 0.05]))
    torch.testing.assert_close(points[9], torch.tensor([0.95, 0.05]))
    torch.testing.assert_close(points[19], torch.tensor([0.95, 0.95]))


def test_spline_passes_through_its_control_points():
    """At pixels that are control points the grid is where they are seen, however far that is."""
    torch.manual_seed(0)
    # With 10 columns and rows of twice the margin, pixel centres are control points.
    fixed, seen = control_points(MARGIN), torch.rand(20, 2)
    grid = (spline_matrix(10, 10) @ seen).unflatten(0, (10, 10))
    torch.testing.assert_close(grid[0], seen[:10], atol=1e-5, rtol=0)
    torch.testing.assert_close(grid[9], seen[10:], atol=1e-5, rtol=0)
    assert fixed[3].tolist() == pytest.approx([0.35, 0.05], abs=1e-6)


def test_spline_of_a_shift_is_the_shift():
    shift = torch.tensor([0.1, -0.2])
    grid = spline_matrix(*VIEW) @ (control_points(MARGIN) + shift)
    plain = spline_matrix(*VIEW) @ control_points(MARGIN)
    torch.testing.assert_close(grid, plain + shift, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        plain, ramp(*VIEW)[0, :2].flatten(1).T, atol=1e-5, rtol=0, msg="the identity"
    )


@pytest.mark.parametrize("size", [VIEW, (16, 160), (32, 128)])
def test_untrained_rectifier_hands_on_all_but_the_margins(size):
    stretch = (1 - 2 * START_MARGIN) / (1 - 2 * MARGIN)
    expected = 0.5 + (ramp(*size) - 0.5) * stretch
    out = Rectifier(SMALL).eval()(ramp(*size))
    height, width = size
    rows, columns = -(-height // 16), -(-width // 16)  # nearer to the edge it ends
    inner = (..., slice(rows, -rows), slice(columns, -columns))
    torch.testing.assert_close(out[:, :2][inner], expected[:, :2][inner], atol=0.01, rtol=0)


def test_rectifier_learns_a_shift():
    torch.manual_seed(0)
    net = Rectifier(SMALL)
    crops = functional.interpolate(torch.rand(8, 3, 4, 16), VIEW, mode="bicubic")
    wanted = torch.roll(crops, 2, -1)
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    losses = []
    for _ in range(30):
        loss = (net(crops) - wanted)[..., 6:-6].square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_a_share_of_the_rectification_leaves_a_crop_or_bends_it():
    torch.manual_seed(0)
    net = Rectifier(SMALL).eval()
    torch.nn.init.normal_(net.place.weight, std=0.05)
    crops = torch.rand(3, 3, *VIEW)
    with torch.no_grad():
        made, whole = net(crops, torch.tensor([0.0, 0.5, 1.0]).reshape(3, 1, 1)), net(crops)
    torch.testing.assert_close(made[0], crops[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(made[2], whole[2], atol=1e-5, rtol=0)
    assert not torch.allclose(made[1], whole[1], atol=0.01)
    assert not torch.allclose(made[1], crops[1], atol=0.01)
