import numpy as np
import pytest
from kernels.reference import random_bundle
from kernels.reference_tile import hyper_positions

from tcsdk.export.entropy.hyper_rows import CONTEXTS, contexts_of, hyper_rows
from tcsdk.models.codecs.gains import NUM_Z_LEVELS
from tcsdk.models.codecs.likelihood import MixturePrior

pytestmark = pytest.mark.train
CHANNELS = 3


def test_contexts_are_those_of_the_format():
    bundle = random_bundle(2, hyper=5, contexts=CONTEXTS)
    z_hat = np.random.default_rng(0).integers(-40, 41, (5, 4, 6)).astype(np.int8)
    positions = hyper_positions(bundle, z_hat, 1)
    rows = np.array([[row for row, _, _ in position] for position in positions])
    offsets = z_hat.astype(np.int64) - bundle.z_centre[1].astype(np.int64)[:, None, None]
    contexts = contexts_of(offsets).reshape(5, -1).T
    assert (rows == contexts * 5 + np.arange(5)).all()


def ideal_bits(starts, contexts, offsets):
    """Bits of offsets (...) in rows (CONTEXTS, 32) of cumulative starts."""
    frequency = np.diff(np.append(starts.astype(int), np.full((CONTEXTS, 1), 1 << 15), 1), axis=1)
    return float(-np.log2(frequency[contexts, offsets + 15] / 2**15).sum())


def test_rows_of_neighbours_that_resemble_each_other_take_fewer_bits():
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 1.5, (1, 60, CHANNELS, 1, 1))
    z = np.rint(shared + rng.normal(0, 0.5, (NUM_Z_LEVELS, 60, CHANNELS, 4, 8)) + 7).astype(int)
    centres, starts = hyper_rows(MixturePrior(NUM_Z_LEVELS, CHANNELS), z, 15)
    assert starts.shape == (NUM_Z_LEVELS, CONTEXTS, CHANNELS, 32)
    assert (abs(centres - 7) <= 1).all()
    offsets = z[0, :, 0] - int(centres[0, 0])
    contexts = contexts_of(offsets)
    own = ideal_bits(starts[0, :, 0], contexts, offsets)
    blind = ideal_bits(starts[0, :, 0], np.full_like(contexts, CONTEXTS // 2), offsets)
    assert own < 0.9 * blind
