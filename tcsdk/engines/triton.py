"""Graphs on a Triton inference server: images, windows and entropy coding stay here.

The server holds what `examples/triton/layout.py` makes of a model folder. It is asked over gRPC;
$TCSDK_TRITON says where it is. Its dynamic batcher puts the calls of many clients together.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tcsdk.distribution import install_extra
from tcsdk.engines.base import Arrays, EngineInfo
from tcsdk.engines.packages import version_of
from tcsdk.errors import DeviceError, EngineError, MissingRuntimeError, ModelFileError
from tcsdk.model.folder import CodecFolder
from tcsdk.model.read import read_model_folder

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

VARIABLE = "TCSDK_TRITON"
DEFAULT_URL = "grpc://localhost:8001"
# Key of the configuration's parameter that says which files a served graph was made of.
DIGEST = "tcsdk.digest"
_SECURE = {"grpc": False, "grpcs": True}  # scheme -> TLS
_TIMEOUT = 60.0  # seconds for one call; a graph takes milliseconds, a queue perhaps seconds


def import_triton() -> Any:
    """Import Triton's gRPC client.

    Raises:
        MissingRuntimeError: It is not installed.
    """
    try:
        from tritonclient import grpc
    except ImportError as error:
        raise MissingRuntimeError(
            f"Triton's client is needed to reach a server and cannot be imported ({error}): "
            f"{install_extra('triton')}"
        ) from error
    return grpc


@dataclass(frozen=True)
class ServedGraph:
    """A graph of a model folder as a server knows it.

    Attributes:
        name: Of the server's model, such as "tfic-analysis-int8".
        digest: SHA-256 over names and hashes of its files, in hex.
        files: What the graph needs beside its own file.
    """

    name: str
    digest: str
    files: tuple[str, ...]


def served_graph(path: Path) -> ServedGraph:
    """Return how a server knows a graph file of a model folder.

    Raises:
        ModelFileError: The folder has no sound manifest, or it does not list the file.
    """
    model = read_model_folder(path.parent)
    graphs = {row[role] for row in model.precisions.values() for role in model.roles}
    rows = [row for row in model.precisions.values() if path.name in row["files"]]
    if path.name not in graphs or not rows:
        raise ModelFileError(
            f"expected a graph among {sorted(graphs)} of {path.parent}, got {path.name}"
        )
    not_for_the_server = {model.bundle_file} if isinstance(model, CodecFolder) else set()
    files = sorted(set(rows[0]["files"]) - graphs - not_for_the_server)
    listed = "".join(f"{name} {model.sha256.get(name, '')}\n" for name in [path.name, *files])
    name = f"{model.family}-{path.stem}".replace(".", "-")
    if re.fullmatch(r"[\w-]+", name, re.ASCII) is None:
        raise ModelFileError(f"expected a family of letters, digits, - and _, got {model.family!r}")
    return ServedGraph(name, hashlib.sha256(listed.encode()).hexdigest(), tuple(files))


@dataclass(frozen=True)
class Server:
    """A Triton server and the process that talks to it.

    Attributes:
        address: "host:port".
        secure: Whether by TLS.
        process: Where it was opened; a channel does not survive a fork.
    """

    address: str
    secure: bool
    process: int

    def check_process(self) -> None:
        """Refuse a forked child.

        Raises:
            DeviceError: This is one.
        """
        if os.getpid() != self.process:
            raise DeviceError(
                "gRPC was in use before os.fork; start worker processes by spawn instead"
            )

    def connect(self) -> Any:
        """Return a client, for one thread."""
        return import_triton().InferenceServerClient(self.address, ssl=self.secure)


@dataclass(frozen=True)
class TritonEngine:
    """A Triton server.

    Attributes:
        server: Where it is.
        version: Its own name and version.
        threads: CPU threads for what stays here.
    """

    server: Server
    version: str
    threads: int

    @property
    def info(self) -> EngineInfo:
        """What this engine is; no precision yet."""
        client = f"tritonclient {version_of('tritonclient')}"
        return EngineInfo(
            "triton", client, f"{self.version} at {self.server.address}", "", self.threads
        )

    def check(self, model: ModelFolder, precision: str) -> None:
        """Accept every model: which graphs the server holds is known when one is loaded."""

    def load(self, path: Path) -> TritonGraph:
        """Find a graph file on the server.

        Raises:
            EngineError: The server has no such model, or made of other files.
        """
        return TritonGraph(self.server, served_graph(path))

    def placement(self, path: Path) -> dict[str, int]:
        """Count the graph as one node: what runs inside, the server does not tell."""
        return {f"Triton ({self.load(path).backend})": 1}


class TritonGraph:
    """A model on a server; each thread that calls it has a client of its own.

    Args:
        server: Where it is.
        graph: Its name there and what it is made of.

    Raises:
        EngineError: It is not there, or made of other files.
    """

    def __init__(self, server: Server, graph: ServedGraph) -> None:
        self._server, self._name = server, graph.name
        self._local = threading.local()
        config = self._ask("get_model_config", graph.name, as_json=True)["config"]
        came = config.get("parameters", {}).get(DIGEST, {}).get("string_value", "none")
        if came != graph.digest:
            raise EngineError(
                f"model {graph.name} at {server.address}: expected {DIGEST} {graph.digest}, got "
                f"{came}; lay the server's repository out anew from this model folder"
            )
        self.backend = str(config.get("backend", config.get("platform", "unknown backend")))
        self._outputs = [output["name"] for output in config["output"]]

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph on the server; see `Graph.run`."""
        client = import_triton()
        tensors = []
        for name, array in inputs.items():
            tensor = client.InferInput(name, list(array.shape), "FP32")
            tensors.append(tensor.set_data_from_numpy(np.ascontiguousarray(array)))
        wanted = [client.InferRequestedOutput(name) for name in self._outputs]
        result = self._ask("infer", self._name, tensors, outputs=wanted)
        return {name: result.as_numpy(name) for name in self._outputs}

    def _ask(self, function: str, *arguments: object, **options: object) -> Any:
        self._server.check_process()  # the thread that forked keeps its client in the child
        if not hasattr(self._local, "client"):
            self._local.client = self._server.connect()
        return _answer(self._local.client, function, *arguments, **options)


def _answer(client: Any, function: str, *arguments: object, **options: object) -> Any:
    """Call a function of a client.

    Raises:
        EngineError: The server refused or did not answer.
    """
    from tritonclient.utils import InferenceServerException

    try:
        return getattr(client, function)(*arguments, client_timeout=_TIMEOUT, **options)
    except InferenceServerException as error:
        raise EngineError(f"Triton failed in {function}: {error}") from error


def open_triton(index: int, threads: int) -> TritonEngine:
    """Open the server that $TCSDK_TRITON names.

    Raises:
        MissingRuntimeError: Triton's client is not installed.
        DeviceError: No server answers there, or it is not named as one.
    """
    import_triton()
    url = os.environ.get(VARIABLE, DEFAULT_URL)
    scheme, _, address = url.partition("://")
    if index or scheme not in _SECURE or not address:
        raise DeviceError(
            f'expected device "triton" and a server in ${VARIABLE} as grpc://host:port or '
            f"grpcs://host:port, got number {index} and {url!r}"
        )
    server = Server(address, _SECURE[scheme], os.getpid())
    try:
        metadata = _answer(server.connect(), "get_server_metadata", as_json=True)
    except EngineError as error:
        raise DeviceError(f"no Triton server answers at {url} (${VARIABLE}): {error}") from error
    version = f"{metadata.get('name', 'triton')} {metadata.get('version', '')}".strip()
    return TritonEngine(server, version, threads)
