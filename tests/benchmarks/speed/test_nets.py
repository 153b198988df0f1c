"""What nets are counted at is what their files and papers say."""

import pytest
import torch

from benchmarks.speed.nets import COLUMNS, PAINTED, decode, encode, latents_of, sizes, times
from tcsdk.models.registry import NETS

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]


def test_counts_are_those_that_the_nets_state():
    rows = sizes()
    assert all(len(row) == len(COLUMNS) - 6 for row in rows.values())
    assert (round(rows["edge-adaptive"][2]), rows["edge-adaptive"][3]) == (7, 10.9)
    assert rows["fusion"] == [5559, 0, 0.0, 5.3]
    assert rows["tinylic-s"][1] == 0
    # ELIC's synthesis alone has about 255 kMAC/px.
    assert 255 < rows["elic"][3] < 320
    assert rows["tcm-s"][1] > rows["elic-s"][1] > 1_000_000


def test_what_is_timed_is_what_a_codec_computes():
    torch.manual_seed(1)
    codec, x = NETS["tcm-s"]().eval(), torch.rand(1, 3, 64, 64) - 0.5
    with torch.no_grad():
        z, r = latents_of(codec, x)
        assert encode(codec, x).shape == r.shape
        assert decode(codec, z, r).shape == x.shape
    rows = times(1, (64, 64), ["edge-adaptive", "elic-s"])
    assert rows["edge-adaptive"][2:] == [1.0, 1.0]
    assert min(rows["elic-s"]) > 0


def test_a_caption_costs_the_encoder_alone():
    """A tenth of the edge net's analysis, a thirtieth of ELIC's."""
    rows = sizes()
    for told, codec, share in (
        ("edge-captioned", "edge-adaptive", 0.1),
        ("elic-s-captioned", "elic-s", 0.03),
    ):
        assert 0.5 * share < rows[told][2] / rows[codec][2] - 1 < share
        assert rows[told][3] == rows[codec][3]


def test_what_draws_counts_where_it_paints():
    rows = sizes()
    block = rows["fusion"][3]
    for drawing, codec, share in (
        ("edge-guided", "edge-adaptive", PAINTED),
        ("elic-s-guided", "elic-s", 1.0),
        ("elic-s-guided-reach", "elic-s", PAINTED),
        ("tcm-s-guided", "tcm-s", 1.0),
    ):
        assert rows[drawing][3] == pytest.approx(rows[codec][3] + share * block, abs=0.11)
        assert rows[drawing][2] == rows[codec][2]
