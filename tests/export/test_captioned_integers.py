"""Integer forms of captioned encoders leave alone what asks a caption, and what makes its states.

Pictures that ranges are taken from have no captions: nothing would be known of a text encoder.
"""

from typing import NamedTuple

import numpy as np
import onnx
import pytest
import torch
from support.any_codec import AnyCodec
from support.small_model import psnr, smooth_picture, striped_picture
from support.spacy_model import FOLDER
from support.text_folders import bert_folder, clip_folder
from support.trained_text import ROW, known, run_beside_codec

import tcsdk
from tcsdk.export.captioned import backbone_of, captioned_codec, write_captioned
from tcsdk.export.graphs import storage
from tcsdk.export.graphs.nested import nodes_of
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs import caption_encoder
from tcsdk.models.text.folders import config_of
from tcsdk.models.text.spacy_folder import spacy_net
from tcsdk.quant import Options, Quantiser, Request
from tcsdk.quant.judge.pictures import Picture
from tcsdk.train.run.weights import WEIGHTS

pytestmark = [pytest.mark.train, pytest.mark.slow]
pytest.importorskip("tokenizers", reason="needs the [caption] extra")
pytest.importorskip("msgpack", reason="needs the [train] extra")
FLOATS = ("adapter.", "captions.")
FORMS = {"int8": 8, "w4": 4}
PICTURES = [smooth_picture(256, 192), striped_picture(256, 192)]


def _transformer(folder):
    return caption_encoder._transformer(config_of(folder))


TEXTS = {
    "minilm": (bert_folder, _transformer),
    "clip": (clip_folder, _transformer),
    "spacy": (lambda _: FOLDER, lambda folder: caption_encoder._spacy(spacy_net(folder).config)),
}


class Made(NamedTuple):
    folder: object
    quantised: dict


@pytest.fixture(scope="module", params=TEXTS)
def made(request, tmp_path_factory):
    """A folder over the shipped codec, quantised as what ships is, all but the slowest steps."""
    write, row_of = TEXTS[request.param]
    text = write(tmp_path_factory.mktemp("text") / "text")
    samples = [
        Picture.plain(torch.from_numpy(p.transpose(2, 0, 1) / np.float32(255))) for p in PICTURES
    ]
    options = Options(
        corrections=("spread", "rounding", "bias"), activation_clip="minmax", equalisation=0.5
    )
    with known(row_of(text)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "EXTERNAL_FROM", 256)  # of weights as small as these too
        run = run_beside_codec(tmp_path_factory.mktemp("zoo"), text, 0.03)
        folder = run.parent / "mine"
        net = captioned_codec(run, backbone_of(folder, "tfic"))
        quantiser = Quantiser(net, AnyCodec(samples, samples[:1], (16, 48)), options)
        forms = {name: quantiser.run(Request(bits)).quantised for name, bits in FORMS.items()}
        write_captioned(run, "mine", ROW, folder, forms, text)
        yield Made(folder, forms)


def test_adapter_and_text_encoder_have_no_integers(made):
    for quantised in made.quantised.values():
        names = {*quantised.weights, *quantised.inputs, *quantised.outputs}
        assert not [name for name in names if name.startswith(FLOATS)]


def checkpoints(folder, role, form):
    """The checkpoint's tensors that a graph refers to, by name, and the types of all its nodes."""
    graph = onnx.load(str(folder / f"{role}.{form}.onnx"), load_external_data=False).graph
    names = {
        str(begin): name for name, (begin, _) in storage.tensor_offsets(folder / WEIGHTS).items()
    }
    stored = [{e.key: e.value for e in tensor.external_data} for tensor in graph.initializer]
    kept = {names[said["offset"]] for said in stored if said.get("location") == WEIGHTS}
    return kept, {node.op_type for node in nodes_of(graph)}


@pytest.mark.parametrize("role", ["caption", "analysis"])
def test_they_are_the_checkpoints_in_every_precision(made, role):
    own, _ = checkpoints(made.folder, role, "fp32")
    own = {name for name in own if name.startswith(FLOATS)}
    assert own
    for form in FORMS:
        kept, nodes = checkpoints(made.folder, role, form)
        assert kept == own
        assert ("QuantizeLinear" in nodes) == (role == "analysis")
        assert WEIGHTS in read_model_folder(made.folder).told.precisions[form]["files"]


def test_states_are_those_of_floats(made):
    states = {}
    for form in ("fp32", *FORMS):
        encoder = tcsdk.Encoder(made.folder, precision=form, device="cpu")
        captioner = encoder._loaded.codec.captioner
        states[form] = captioner.states("a red sign", concurrent=False).states
    assert states["fp32"].any()
    for form in FORMS:
        assert np.array_equal(states[form], states["fp32"])


def test_captions_reach_the_stream_and_pictures_stay_alike(made):
    decoder = tcsdk.Decoder("cpu", models=[made.folder.parent / "tfic"])
    shown = {}
    for form in ("fp32", *FORMS):
        encoder = tcsdk.Encoder(made.folder, precision=form, device="cpu")
        streams = [
            encoder.encode(PICTURES[1], quality=30, scale=1.0, caption=caption)
            for caption in ("a red sign", None)
        ]
        assert streams[0] != streams[1]
        shown[form] = [decoder.decode(data) for data in streams]
    apart = [psnr(a, b) for a, b in zip(shown["int8"], shown["fp32"], strict=True)]
    assert min(apart) > 30, apart
