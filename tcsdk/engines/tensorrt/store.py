"""Where plans lie: one file each, checked whole before a byte of it reaches TensorRT.

File: 8 bytes of magic, the header's length (uint32, little-endian), the header (JSON: key, shape
profiles, SHA-256 of the plan), the plan. A plan holds machine code: who may write to the folder
may run code as who reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tcsdk.distribution import install_extra
from tcsdk.engines.tensorrt.key import PlanKey
from tcsdk.errors import MissingRuntimeError, PlanError

MAGIC = b"TCSPLAN\x01"
_LENGTH = struct.Struct("<I")
_MOST_HEADER = 1 << 16
ENVIRONMENT = "TCSDK_PLANS"
_AGAIN = "build it again with tcsdk build"


@dataclass(frozen=True)
class PlanHeader:
    """What a plan file says of itself.

    Attributes:
        key: What it was built for.
        profiles: Its shape profiles, as text.
        sha256: Of the plan, hex.
    """

    key: PlanKey
    profiles: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class PlanStore:
    """A folder of plans and timing caches.

    Attributes:
        folder: It; made by the first plan that is written.
    """

    folder: Path

    @classmethod
    def default(cls) -> PlanStore:
        """Return the folder of $TCSDK_PLANS, or the user's cache folder of this system."""
        named = os.environ.get(ENVIRONMENT)
        return cls(Path(named) if named else _user_cache() / "tcsdk" / "plans")

    def path(self, key: PlanKey) -> Path:
        """Return where a key's plan lies."""
        return self.folder / f"{'-'.join(key.subject)}-{key.digest}.plan"

    def has(self, key: PlanKey) -> bool:
        """Say whether there is a plan of this key; only `read` says whether it is sound."""
        return self.path(key).is_file()

    def read(self, key: PlanKey) -> bytes:
        """Return the plan of a key.

        Raises:
            PlanError: There is none, it is damaged, or it was built for something else.
        """
        return self._load(key)[1]

    def _load(self, key: PlanKey) -> tuple[PlanHeader, bytes]:
        path = self.path(key)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise PlanError(
                f"no plan at {path}: {error.strerror} ({self.explain_absence(key)}); {_AGAIN}"
            ) from error
        header, plan = _split(path, data)
        if header.key != key:
            what = ", ".join(key.differences(header.key))
            raise PlanError(f"plan {path} was built for something else: {what}; {_AGAIN}")
        came = hashlib.sha256(plan).hexdigest()
        if came != header.sha256:
            raise PlanError(
                f"plan {path} is damaged: expected SHA-256 {header.sha256}, got {came}; {_AGAIN}"
            )
        return header, plan

    def profiles(self, key: PlanKey) -> tuple[str, ...]:
        """Return the shape profiles of a key's plan, or () where no sound one is there."""
        try:
            return self._load(key)[0].profiles
        except PlanError:
            return ()

    def write(self, key: PlanKey, profiles: tuple[str, ...], plan: bytes) -> Path:
        """Write a plan, whole or not at all.

        Raises:
            PlanError: The folder cannot be written to.
        """
        header = {
            "key": asdict(key),
            "profiles": list(profiles),
            "sha256": hashlib.sha256(plan).hexdigest(),
        }
        text = json.dumps(header, sort_keys=True).encode()
        self._replace(self.path(key), MAGIC + _LENGTH.pack(len(text)) + text + plan)
        return self.path(key)

    def read_timing_cache(self, key: PlanKey) -> bytes:
        """Return TensorRT's timing cache for this machine, or nothing; TensorRT checks it."""
        try:
            return self._timing_path(key).read_bytes()
        except OSError:
            return b""

    def write_timing_cache(self, key: PlanKey, cache: bytes) -> None:
        """Write the timing cache.

        Raises:
            PlanError: The folder cannot be written to.
        """
        self._replace(self._timing_path(key), cache)

    def _timing_path(self, key: PlanKey) -> Path:
        machine = f"{key.tensorrt}|{key.gpu}|{key.capability}|{key.platform}"
        return self.folder / f"timing-{hashlib.sha256(machine.encode()).hexdigest()[:24]}.cache"

    def explain_absence(self, key: PlanKey) -> str:
        """Say what plans of the same graph there are and how they differ."""
        headers = list(self._headers())
        same = [header.key for header in headers if header.key.subject == key.subject]
        if not same:
            return f"none of this graph in {self.folder}"
        return "there is one for " + "; and one for ".join(
            ", ".join(key.differences(other)) or "the same, but damaged" for other in same
        )

    def _headers(self) -> Iterator[PlanHeader]:
        for path in sorted(self.folder.glob("*.plan")):
            try:
                with path.open("rb") as file:
                    start = file.read(len(MAGIC) + _LENGTH.size + _MOST_HEADER)
                yield _split(path, start)[0]
            except (OSError, PlanError):
                continue

    @contextmanager
    def lock(self, key: PlanKey) -> Iterator[None]:
        """Hold the right to build a key's plan; other processes and threads wait.

        The lock belongs to the process: it is free again when its holder dies.

        Raises:
            PlanError: The folder cannot be written to.
            MissingRuntimeError: filelock is not installed.
        """
        try:
            from filelock import FileLock
        except ImportError as error:
            raise MissingRuntimeError(
                f"building plans needs filelock ({error}): {install_extra('trt')}"
            ) from error
        with self._writable():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path(key).with_suffix(".lock"))
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _replace(self, path: Path, data: bytes) -> None:
        with self._writable():
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{path.name}-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PlanError(
                f"cannot write plans to {self.folder}: {error.strerror or error}; set "
                f"{ENVIRONMENT} to a folder that you may write to"
            ) from error


def _split(path: Path, data: bytes) -> tuple[PlanHeader, bytes]:
    """Split a plan file into header and plan.

    Raises:
        PlanError: It is not one.
    """
    start = len(MAGIC) + _LENGTH.size
    if len(data) < start or not data.startswith(MAGIC):
        raise PlanError(
            f"{path} is not a plan of this version: expected {MAGIC!r} first, got "
            f"{data[: len(MAGIC)]!r}; {_AGAIN}"
        )
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    try:
        if length > _MOST_HEADER or start + length > len(data):
            raise ValueError(f"a header of {length} bytes in a file of {len(data)}")
        header = json.loads(data[start : start + length])
        key, names = header["key"], {field.name for field in fields(PlanKey)}
        if set(key) != names or not all(isinstance(value, str) for value in key.values()):
            raise ValueError("other fields in its key")
        parsed = PlanHeader(PlanKey(**key), tuple(header["profiles"]), header["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise PlanError(f"plan {path} is damaged: {error}; {_AGAIN}") from error
    return parsed, data[start + length :]


def _user_cache() -> Path:
    """Return the folder for caches of this system (XDG, Apple's and Microsoft's conventions)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
