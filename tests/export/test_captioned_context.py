"""An encoder that is told captions over a codec with a context: `taco-elic` over `elic-s`."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from support.captioned_model import captioned_zoo, random_weights
from support.small_model import smooth_picture

import tcsdk
from tcsdk.export.__main__ import main
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.verify_captioned import verify_captioned
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.graphs import ANALYSIS, CAPTION, RESIDUAL, SYNTHESIS
from tcsdk.model.read import read_model_folder
from tcsdk.models.families import CAPTIONED_FAMILIES
from tcsdk.quant.nets.elic import ELIC
from tcsdk.quant.nets.graphs import float_nodes

pytestmark = pytest.mark.train
ROW = CAPTIONED_FAMILIES["taco-elic"]
OPTIONS = {"device": "cpu", "threads": 1}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return captioned_zoo(tmp_path_factory.mktemp("context"), "taco-elic")


@pytest.fixture(scope="module")
def pixels():
    return smooth_picture(200, 140)


@pytest.fixture(scope="module")
def streams(zoo, pixels):
    """Of one picture: with a caption, another, none, and by the codec's own encoder."""
    told = tcsdk.Encoder(zoo / "taco-elic", **OPTIONS)
    made = [
        told.encode(pixels, quality=40, caption=caption, scale=1.0)
        for caption in ("a red sign", "seven grey stones", None)
    ]
    return [*made, tcsdk.Encoder(zoo / "elic-s", **OPTIONS).encode(pixels, quality=40, scale=1.0)]


def test_a_folder_holds_caption_and_analysis_and_the_codec_has_the_rest(zoo):
    model, codec = read_model_folder(zoo / "taco-elic"), read_model_folder(zoo / "elic-s")
    assert isinstance(model, CaptionedCodec)
    assert model.roles == (CAPTION, ANALYSIS, RESIDUAL, SYNTHESIS)
    assert model.contract(ANALYSIS) == "captioned_context_analysis"
    # Nothing of it predicts, so it has no integers of the means network.
    files = {"caption.fp32.onnx", "analysis.fp32.onnx", "weights.safetensors"}
    assert set(model.told.sha256) == files
    for role in (RESIDUAL, SYNTHESIS):
        assert model.graph_file("fp32", role) == codec.graph_file("fp32", role)
    assert (model.wire_id, model.bundle_hash) == (codec.wire_id, codec.bundle_hash)


def test_weights_lie_in_the_checkpoint_alone(zoo):
    """2.1 million of analysis, adapter and text encoder, 4.2 MB in FP16."""
    assert (zoo / "taco-elic" / "weights.safetensors").stat().st_size > 4_100_000
    assert (zoo / "taco-elic" / "analysis.fp32.onnx").stat().st_size < 140_000


def test_graphs_give_what_the_net_gives(zoo):
    found = verify_captioned(zoo / "taco-elic")
    names = ["caption_states", "z_hat", "y", "text"]
    assert [check.name.split()[1] for check in found] == names
    assert [check for check in found if not check.ok] == []


def test_streams_are_the_codecs_and_the_caption_moves_them(zoo, streams):
    assert {tcsdk.inspect(data).family for data in streams} == {"elic-s"}
    assert len(set(streams)) == 4


def test_a_decoder_needs_no_more_than_the_codec(zoo, streams, pixels):
    codec = tcsdk.Decoder("cpu", models=[zoo / "elic-s"], threads=1)
    told = tcsdk.Decoder("cpu", models=[zoo / "taco-elic"], threads=1)
    for data in streams:
        seen = codec.decode(data)
        assert seen.shape == pixels.shape
        assert np.array_equal(told.decode(data), seen)


@pytest.mark.slow  # torch exports both graphs anew
def test_an_untrained_adapter_makes_the_codecs_own_streams(zoo, streams, pixels, monkeypatch):
    """Whatever it is told: its gammas are zero."""
    run = random_weights(zoo.parent / "silent.safetensors", "taco-elic", gamma=0.0, row=ROW)
    arguments = ["export", str(run), "-o", str(zoo / "silent"), "--family", "silent"]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    encoder = tcsdk.Encoder(zoo / "silent", **OPTIONS)
    for caption in ("a red sign", None):
        assert encoder.encode(pixels, quality=40, caption=caption, scale=1.0) == streams[-1]


def test_integer_forms_are_refused_where_nothing_says_how(zoo, monkeypatch, capsys):
    run = random_weights(zoo.parent / "again.safetensors", "taco-elic", row=ROW)
    arguments = ["export", str(run), "-o", str(zoo / "again"), "--precisions", "int8"]
    monkeypatch.setattr("sys.argv", [*arguments, "--family", "again"])
    with pytest.raises(SystemExit):
        main()
    assert "ElicCodec" in capsys.readouterr().err
    assert not Path(zoo / "again").exists()


def test_the_graph_breaks_no_rule_of_tensorrts(zoo):
    model = fold_weights(onnx.load(str(zoo / "taco-elic" / "analysis.fp32.onnx")))
    assert check_graph(model) == []
    assert check_graph(half_graph(model, float_nodes(model, ELIC.float_layers))) == []
