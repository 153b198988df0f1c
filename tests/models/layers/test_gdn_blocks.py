"""Divisive normalisation and the blocks that halve and double planes."""

import pytest
import torch

from tcsdk.models.layers.gdn_blocks import (
    LEAST_BETA,
    DivisiveNorm,
    DoublingBlock,
    HalvingBlock,
)

pytestmark = pytest.mark.train


@pytest.mark.parametrize("inverse", [False, True])
def test_channels_are_divided_by_what_all_of_them_are(inverse):
    torch.manual_seed(1)
    norm, x = DivisiveNorm(3, inverse), torch.randn(2, 3, 4, 5)
    with torch.no_grad():
        norm.gamma.uniform_(0, 1)
        norm.beta.uniform_(0.5, 1)
        strength = norm.beta[:, None, None] + torch.einsum(
            "ij,njhw->nihw", norm.gamma[..., 0, 0], x**2
        )
        expected = x * strength.sqrt() if inverse else x / strength.sqrt()
        torch.testing.assert_close(norm(x), expected)


def test_parameters_out_of_bounds_compute_as_those_within_and_find_back():
    torch.manual_seed(2)
    norm, x = DivisiveNorm(4), torch.randn(1, 4, 6, 6)
    with torch.no_grad():
        norm.gamma.fill_(-0.1)
        norm.beta.fill_(-1.0)
    norm(x).square().sum().backward()
    assert (norm.beta.grad < 0).all()  # more of it makes the output smaller
    with torch.no_grad():
        trained = norm(x)
    assert torch.equal(norm.eval()(x), trained)
    assert (norm.gamma >= 0).all()
    assert (norm.beta >= LEAST_BETA).all()


def test_blocks_halve_and_double():
    x = torch.rand(2, 3, 16, 24)
    assert HalvingBlock(3, 8)(x).shape == (2, 8, 8, 12)
    assert DoublingBlock(3, 8)(x).shape == (2, 8, 32, 48)


def test_what_stands_beside_a_halving_is_a_strided_convolution():
    """As published, though it is not computed so."""
    torch.manual_seed(3)
    block, x = HalvingBlock(3, 8), torch.rand(2, 3, 15, 24)
    strided = torch.nn.functional.conv2d(x, block.skip.weight, block.skip.bias, stride=2)
    assert torch.allclose(block(x) - block.layers(x), strided, atol=1e-6)
