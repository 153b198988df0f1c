"""Lay a model folder out as a Triton model repository: analysis and synthesis, ONNX Runtime.

    python examples/triton/layout.py zoo/tfic -o repository --precision int8
    tritonserver --model-repository=repository

Needs the extras [cpu] (to read the graphs) and [triton] (to write their configuration).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as proto

from tcsdk.engines.ort import cpu_provider, start_session
from tcsdk.engines.triton import DIGEST, ServedGraph, served_graph
from tcsdk.errors import ModelFileError, TcsdkError
from tcsdk.model.find import find_model
from tcsdk.model.manifest import PACKED_SUFFIX

KINDS = {"cpu": proto.ModelInstanceGroup.KIND_CPU, "cuda": proto.ModelInstanceGroup.KIND_GPU}
FILE = "model.onnx"


def without_batch(shape: Sequence[int | str]) -> list[int]:
    """Dimensions as Triton takes them: no batch, -1 for what varies."""
    return [size if isinstance(size, int) else -1 for size in shape[1:]]


def tensors(kind: type, nodes: Sequence[Any]) -> list[Any]:
    """Inputs or outputs of a session as entries of a configuration."""
    return [
        kind(name=node.name, data_type=proto.TYPE_FP32, dims=without_batch(node.shape))
        for node in nodes
    ]


def configuration(graph: ServedGraph, file: Path, wanted: argparse.Namespace) -> Any:
    """The configuration of one graph; starting a session on `file` proves that it loads."""
    session = start_session(str(file), cpu_provider(), 1)
    parameters = {DIGEST: graph.digest}
    if wanted.device == "cpu":  # instances side by side, each on one thread, as in tcsdk itself
        parameters |= {"intra_op_thread_count": "1"}
    return proto.ModelConfig(
        name=graph.name,
        backend="onnxruntime",
        max_batch_size=wanted.max_batch,
        input=tensors(proto.ModelInput, session.get_inputs()),
        output=tensors(proto.ModelOutput, session.get_outputs()),
        dynamic_batching=proto.ModelDynamicBatching(
            max_queue_delay_microseconds=wanted.queue_delay
        ),
        instance_group=[
            proto.ModelInstanceGroup(kind=KINDS[wanted.device], count=wanted.instances)
        ],
        parameters={
            key: proto.ModelParameter(string_value=value) for key, value in parameters.items()
        },
    )


def lay_out(wanted: argparse.Namespace) -> list[Path]:
    """Make the folders of both graphs, each whole or not at all."""
    model, named = find_model(wanted.model, wanted.precision)
    precision = model.precision_for(wanted.device, named)
    repository = Path(wanted.output)
    repository.mkdir(parents=True, exist_ok=True)
    made = []
    for kind in model.roles:
        source = model.graph_file(precision, kind)  # all its files are checked
        graph = served_graph(source)
        if any(name.endswith(PACKED_SUFFIX) for name in graph.files):
            raise ModelFileError(
                f"{model.family}-{precision} has packed weights, which only tcsdk unpacks; "
                f"give the --precision that it was packed from: {', '.join(model.precisions)}"
            )
        target = repository / graph.name
        if target.exists():
            raise FileExistsError(f"{target} exists; remove it, or name another repository")
        with tempfile.TemporaryDirectory(dir=repository, prefix=".") as scratch:
            version = Path(scratch) / graph.name / "1"
            version.mkdir(parents=True)
            shutil.copyfile(source, version / FILE)
            for name in graph.files:
                shutil.copyfile(source.with_name(name), version / name)
            config = configuration(graph, version / FILE, wanted)
            text = text_format.MessageToString(config)
            (version.parent / "config.pbtxt").write_text(text, encoding="utf-8")
            version.parent.rename(target)
        made.append(target)
    return made


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="family or model folder")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="the repository")
    parser.add_argument("--precision", help="int8, fp16, fp32 (default: the device's)")
    parser.add_argument("--device", choices=KINDS, default="cpu", help="of the server")
    parser.add_argument("--instances", type=int, default=2, help="of each graph, per device")
    parser.add_argument("--max-batch", type=int, default=16, help="windows in one call")
    parser.add_argument(
        "--queue-delay",
        type=int,
        default=500,
        metavar="US",
        help="microseconds that a call may wait for company",
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Lay out and print the folders."""
    try:
        for folder in lay_out(parse(argv)):
            print(folder)
    except (TcsdkError, OSError) as error:
        print(f"layout: {error}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
