"""examples/triton and its client: a server's protocol is spoken by a small stand-in.

The stand-in is Triton's own gRPC service definition over ONNX Runtime; Triton's scheduler, its
batcher and its ONNX Runtime backend are not in it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections import Counter
from concurrent import futures
from pathlib import Path

import numpy as np
import pytest
from support import manifests
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.engines import select_engine
from tcsdk.engines.ort import cpu_provider, start_session
from tcsdk.engines.triton import DIGEST, VARIABLE, served_graph
from tcsdk.errors import DeviceError, EngineError
from tcsdk.model.find import find_model
from tcsdk.model.graphs import INPUTS

EXAMPLE = Path(__file__).parents[3] / "examples" / "triton"
pytestmark = [
    pytest.mark.triton,
    pytest.mark.skipif(
        importlib.util.find_spec("tritonclient") is None,
        reason="needs tritonclient: make test-serving",
    ),
]
MODELS = [(str(MODEL), "fp32"), ("tfic", "int8"), ("base", "fp32")]


def example(name: str):
    """A file of examples/triton as a module."""
    spec = importlib.util.spec_from_file_location(f"triton_{name}", EXAMPLE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def graph_paths(model: str, precision: str) -> list[Path]:
    folder, _ = find_model(model)
    return [folder.graph_file(precision, kind) for kind in folder.roles]


def read_config(folder: Path):
    from google.protobuf import text_format
    from tritonclient.grpc import model_config_pb2

    text = (folder / "config.pbtxt").read_text()
    return text_format.Parse(text, model_config_pb2.ModelConfig())


# The repository


@pytest.fixture(scope="module", params=MODELS, ids=lambda case: "-".join(case).split("/")[-1])
def laid_out(request, tmp_path_factory):
    model, precision = request.param
    folder = tmp_path_factory.mktemp("repository")
    assert example("layout").main([model, "-o", str(folder), "--precision", precision]) == 0
    return folder, graph_paths(model, precision)


def test_configurations_are_those_of_the_graphs(laid_out):
    folder, paths = laid_out
    assert sorted(f.name for f in folder.iterdir()) == sorted(
        served_graph(path).name for path in paths
    )
    for path in paths:
        config = read_config(folder / served_graph(path).name)
        session = start_session(str(path), cpu_provider(), 1)
        for listed, nodes in [
            (config.input, session.get_inputs()),
            (config.output, session.get_outputs()),
        ]:
            assert [entry.name for entry in listed] == [node.name for node in nodes]
            for entry, node in zip(listed, nodes, strict=True):
                assert (entry.data_type, node.type) == (11, "tensor(float)")  # TYPE_FP32
                assert not isinstance(node.shape[0], int)  # the batch varies
                fixed = [s if isinstance(s, int) else -1 for s in node.shape[1:]]
                assert list(entry.dims) == fixed
        assert {entry.name for entry in config.input} <= set(INPUTS)
        assert config.parameters[DIGEST].string_value == served_graph(path).digest
        assert config.backend == "onnxruntime"
        assert config.max_batch_size == 16
        assert config.HasField("dynamic_batching")


def test_what_is_laid_out_loads_and_takes_batches(laid_out):
    folder, paths = laid_out
    for path in paths:
        config = read_config(folder / served_graph(path).name)
        session = start_session(str(folder / config.name / "1" / "model.onnx"), cpu_provider(), 1)
        inputs = {}
        for entry in config.input:
            stride = INPUTS[entry.name].stride
            sides = [64 // stride] * 2 if stride else [1, 1]
            shape = (3, entry.dims[0], *sides)
            inputs[entry.name] = np.ones(shape, np.float32)
        for entry, array in zip(config.output, session.run(None, inputs), strict=True):
            assert array.shape[:2] == (3, entry.dims[0])


def test_an_existing_repository_is_left_alone(laid_out, capsys):
    folder, paths = laid_out
    before = sorted(folder.rglob("*"))
    model = paths[0].parent
    precision = "int8" if "int8" in paths[0].name else "fp32"
    arguments = [str(model), "-o", str(folder), "--precision", precision]
    assert example("layout").main(arguments) == 1
    assert "exists" in capsys.readouterr().out
    assert sorted(folder.rglob("*")) == before


def test_packed_weights_are_refused(tmp_path, capsys):
    for file in MODEL.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest = manifests.read(MODEL)
    manifest["precisions"]["int8"]["files"].append("weights.tcsw")
    manifest["precisions"] = {"int8": manifest["precisions"]["int8"]}
    manifest["default_precision"] = {}
    manifest["sha256"]["weights.tcsw"] = hashlib.sha256(b"packed").hexdigest()
    (tmp_path / "weights.tcsw").write_bytes(b"packed")
    manifests.save(tmp_path, manifest)
    assert example("layout").main([str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "small-int8 has packed weights" in capsys.readouterr().out
    assert not list((tmp_path / "out").iterdir())


# The client


def serve(repository: Path):
    """A gRPC server that speaks Triton's protocol for a repository; and what it was asked."""
    import grpc
    from google.protobuf import json_format
    from tritonclient.grpc import service_pb2, service_pb2_grpc

    asked: Counter[str] = Counter()
    configs = {f.name: read_config(f) for f in repository.iterdir()}
    sessions = {
        name: start_session(str(repository / name / "1" / "model.onnx"), cpu_provider(), 1)
        for name in configs
    }

    class Service(service_pb2_grpc.GRPCInferenceServiceServicer):
        def ServerMetadata(self, request, context):  # noqa: N802 - the protocol's
            return service_pb2.ServerMetadataResponse(name="stand-in", version="0")

        def ModelConfig(self, request, context):  # noqa: N802 - the protocol's
            if request.name not in configs:
                context.abort(grpc.StatusCode.NOT_FOUND, f"unknown model {request.name}")
            config = service_pb2.ModelConfigResponse()
            json_format.ParseDict(
                {"config": json_format.MessageToDict(configs[request.name])}, config
            )
            return config

        def ModelInfer(self, request, context):  # noqa: N802 - the protocol's
            asked[request.model_name] += 1
            dims = {entry.name: entry.dims for entry in configs[request.model_name].input}
            arrays = {}
            for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True):
                wanted = dims[tensor.name]
                fits = len(tensor.shape) == 1 + len(wanted) and all(
                    size in (-1, came) for size, came in zip(wanted, tensor.shape[1:], strict=True)
                )
                if not fits or tensor.datatype != "FP32":
                    context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{tensor.name}: shape")
                arrays[tensor.name] = np.frombuffer(raw, np.float32).reshape(tensor.shape)
            names = [output.name for output in request.outputs]
            try:
                came = sessions[request.model_name].run(names, arrays)
            except Exception as error:
                context.abort(grpc.StatusCode.INTERNAL, str(error))
            response = service_pb2.ModelInferResponse(model_name=request.model_name)
            for name, array in zip(names, came, strict=True):
                response.outputs.add(name=name, datatype="FP32", shape=array.shape)
                response.raw_output_contents.append(array.tobytes())
            return response

    server = grpc.server(futures.ThreadPoolExecutor(4))
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port, asked


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    layout = example("layout")
    assert layout.main([str(MODEL), "-o", str(folder), "--precision", "fp32"]) == 0
    return folder


@pytest.fixture
def asked(repository, monkeypatch):
    server, port, asked = serve(repository)
    monkeypatch.setenv(VARIABLE, f"grpc://127.0.0.1:{port}")
    yield asked
    server.stop(None).wait()


def test_streams_and_pictures_equal_the_cpus(asked):
    remote = tcsdk.Encoder(MODEL, device="triton", tile=64)
    local = tcsdk.Encoder(MODEL, device="cpu", threads=1, tile=64)
    assert "stand-in 0 at 127.0.0.1" in str(remote.engine)
    pictures = [smooth_picture(100 + 9 * i, 80) for i in range(4)]
    streams = [outcome.get() for outcome in remote.encode_many(pictures, workers=4)]
    assert streams == [local.encode(picture) for picture in pictures]
    decoder = tcsdk.Decoder("triton", models=[MODEL])
    there = tcsdk.Decoder("cpu", models=[MODEL], threads=1)
    np.testing.assert_array_equal(decoder.decode(streams[0]), there.decode(streams[0]))
    assert set(asked) == {"small-analysis", "small-synthesis"}
    # two rows of tiles each; every one went over the wire
    assert asked["small-analysis"] == sum(2 * -(-p.shape[1] // 64) for p in pictures)


def test_batches_of_ours_are_the_servers_too(asked):
    remote = tcsdk.Encoder(MODEL, device="triton", batch=4)
    pictures = [smooth_picture(64, 64)] * 12
    streams = {outcome.get() for outcome in remote.encode_many(pictures, workers=12)}
    assert streams == {tcsdk.Encoder(MODEL, device="cpu").encode(pictures[0])}
    assert asked["small-analysis"] <= 12


def test_a_graph_of_other_files_is_refused(asked, tmp_path):
    for file in MODEL.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest = manifests.read(MODEL)
    manifest["precisions"]["fp32"]["files"].append("entropy.tcsb.extra")
    (tmp_path / "entropy.tcsb.extra").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifest["sha256"]["entropy.tcsb.extra"] = empty
    manifests.save(tmp_path, manifest)
    words = ("small-analysis", "lay the server's repository out anew")
    check_rejects(lambda: tcsdk.Encoder(tmp_path, device="triton"), EngineError, *words)


def test_a_model_that_is_not_served_is_named(asked):
    check_rejects(
        lambda: tcsdk.Encoder("base-int8", device="triton"), EngineError, "base-analysis-int8"
    )


def test_a_server_that_fails_is_an_engine_error(asked):
    graph = select_engine("triton", 1).load(MODEL / "analysis.onnx")
    wrong = {"x": np.zeros((1, 4, 64, 64), np.float32)}
    check_rejects(lambda: graph.run(wrong), EngineError, "Triton failed in infer", "x: shape")


def test_doctor_counts_a_graph_on_a_server_as_one_node(asked):
    engine = select_engine("triton", 1).engine
    assert engine.placement(MODEL / "analysis.onnx") == {"Triton (onnxruntime)": 1}


def test_the_example_encodes_files(asked, tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(file_of(smooth_picture(80, 60)))
    (tmp_path / "bad.png").write_bytes(b"no")
    names = [str(tmp_path / name) for name in ("a.png", "bad.png")]
    assert example("client").main(str(MODEL), *names) == 1
    assert "expected a picture" in capsys.readouterr().out
    expected = tcsdk.Encoder(MODEL, device="cpu").encode(names[0])
    assert (tmp_path / "a.tcs").read_bytes() == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_to_spawn(asked, monkeypatch):
    graph = select_engine("triton", 1).load(MODEL / "analysis.onnx")
    ones = np.ones((1, 4, 1, 1), np.float32)
    inputs = {"x": np.zeros((1, 3, 64, 64), np.float32), "z_gain": ones}
    inputs["z_inverse_gain"] = ones
    monkeypatch.setattr(os, "getpid", lambda: 1)  # as a child sees the parent's graph
    check_rejects(lambda: graph.run(inputs), DeviceError, "os.fork", "spawn")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://localhost:8000", "grpc://host:port"),
        ("localhost:8001", "grpc://host:port"),
        ("grpc://127.0.0.1:9", "no Triton server answers"),
    ],
)
def test_no_server_is_said_so(monkeypatch, url, words):
    monkeypatch.setenv(VARIABLE, url)
    check_rejects(lambda: select_engine("triton"), DeviceError, words, VARIABLE)
