"""What docs/reference/determinism.md says of precisions, on rendered pictures."""

import numpy as np
import pytest

from benchmarks.rate_accuracy.measures import psnr
from benchmarks.sets import Folders
from benchmarks.studies.agreement import MEDIAN, WORST, Agreement, streams
from tcsdk import Decoder, Encoder

pytestmark = pytest.mark.train


@pytest.mark.parametrize("family", ["tfic", "base"])
def test_fp32_and_int8_show_a_rendered_stream_alike(assets, tmp_path, family):
    encoder = Encoder(family, precision="int8", device="cpu")
    decoders = [Decoder("cpu", precision=precision) for precision in ("fp32", "int8")]
    found = [
        psnr(*(decoder.decode(made[0]) for decoder in decoders))
        for _, made in streams("rendered", 4, Folders(tmp_path, None), [encoder])
    ]
    assert np.median(found) >= MEDIAN
    assert min(found) >= WORST


def test_a_row_counts_what_is_under_what_is_promised():
    agreement = Agreement()
    agreement.found = [(45.0, "a q0"), (41.0, "b q0"), (39.0, "c q0"), (44.0, "d q0")]
    assert str(agreement) == "4 | 42.5 | 39.0 | 2 | 1 | c q0 39.0, b q0 41.0, d q0 44.0"
