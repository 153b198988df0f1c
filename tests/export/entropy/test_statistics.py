import numpy as np
import pytest
import torch

from tcsdk.export.entropy.from_codec import scale_table
from tcsdk.export.entropy.statistics import QUALITIES, collect_symbols, entries_of
from tcsdk.export.entropy.tables import residual_shifts
from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.gains import NUM_Z_LEVELS
from tcsdk.models.codecs.latents import SKIP_INDEX

pytestmark = pytest.mark.train


def test_entries_are_what_the_format_says():
    r = np.array([-16, -15, 0, 15, 16, 40, -1])
    shift = np.array([0, 0, 0, 0, 0, 2, 3])
    assert entries_of(r, shift).tolist() == [31, 0, 15, 30, 31, 25, 14]


def test_every_hyper_symbol_is_kept_and_only_coded_residuals_are_counted():
    torch.manual_seed(0)
    codec = EdgeCodec().eval()
    pictures = [np.random.default_rng(0).random((3, 64, 128), np.float32)]
    symbols = collect_symbols(codec, pictures, residual_shifts(scale_table()))
    assert symbols.z.shape == (NUM_Z_LEVELS, 1, codec.config.hyper, 1, 2)
    assert symbols.r[:SKIP_INDEX].sum() == 0
    assert 0 < symbols.r.sum() <= len(QUALITIES) * codec.config.latent * 4 * 8
