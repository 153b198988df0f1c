import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")

from tcsdk.export.entropy import scale_table  # noqa: E402
from tcsdk.export.statistics import QUALITIES, collect_symbols, entries_of  # noqa: E402
from tcsdk.export.tables import residual_shifts  # noqa: E402
from tcsdk.models.codec import NUM_Z_LEVELS, SKIP_INDEX  # noqa: E402
from tcsdk.models.edge import EdgeCodec  # noqa: E402

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
