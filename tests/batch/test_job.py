"""`tcsdk.batch` on a cluster of two worker processes on this machine."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter

import numpy as np
import pytest
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.batch import BatchJob, encode_dataset
from tcsdk.cli import main
from tcsdk.errors import UnknownModelError, WorkerError
from tcsdk.pipeline import is_sound
from tcsdk.request import Request

pytestmark = [
    pytest.mark.ray,
    pytest.mark.slow,
    # Ray's own: processes that it leaves to its raylet, deprecations within it.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ENCODER = {"model": str(MODEL), "device": "cpu"}


def write_pictures(folder, count: int, width: int = 60) -> dict[str, bytes]:
    """Pictures of different content; returns target -> the stream that each should become."""
    folder.mkdir()
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    expected = {}
    for i in range(count):
        picture = smooth_picture(width + i, width)
        (folder / f"{i:03d}.png").write_bytes(file_of(picture))
        expected[f"{i:03d}.tcs"] = encoder.encode(picture)
    return expected


def streams_in(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.tcs")}


def test_a_killed_worker_loses_nothing_and_repeats_nothing(cluster, tmp_path):
    expected = write_pictures(tmp_path / "in", 48, 700)
    out = tmp_path / "out"
    job = BatchJob([str(tmp_path / "in")], str(out), encoder=ENCODER, workers=2, rows=6)
    results, done_at_kill, killed = [], 0, None
    for encoded in encode_dataset(job):
        results.append(encoded)
        if killed is None:
            done_at_kill = len(streams_in(out))
            killed = encoded.worker
            os.kill(int(killed.rpartition(":")[2]), signal.SIGKILL)
    assert done_at_kill < len(expected)  # in the middle
    assert Counter(r.target for r in results) == Counter(list(expected))
    assert {r.state for r in results} <= {"encoded", "kept"}
    assert len({r.worker for r in results} - {killed}) >= 1
    assert streams_in(out) == expected


def test_what_is_done_is_kept_and_what_is_damaged_is_encoded_again(cluster, tmp_path):
    expected = write_pictures(tmp_path / "in", 6)
    out = tmp_path / "out"
    out.mkdir()
    (out / "000.tcs").write_bytes(expected["000.tcs"])
    (out / "001.tcs").write_bytes(expected["001.tcs"][:-3])  # cut off
    damaged = bytearray(expected["002.tcs"])
    damaged[-1] ^= 1
    (out / "002.tcs").write_bytes(damaged)
    (tmp_path / "in" / "bad.png").write_bytes(b"not a picture")
    job = BatchJob([str(tmp_path / "in")], str(out), encoder=ENCODER, workers=2, rows=2)
    results = {r.target: r for r in encode_dataset(job)}
    assert [r.target for r in results.values() if r.state == "kept"] == ["000.tcs"]
    assert results["bad.tcs"].state == "failed"
    assert results["bad.tcs"].error.startswith("ImageError: expected a picture")
    assert streams_in(out) == expected
    assert {name: r.bytes for name, r in results.items()} == {
        **{name: len(stream) for name, stream in expected.items()},
        "bad.tcs": 0,
    }


def test_parquet_in_streams_out_under_their_names(cluster, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    pictures = [smooth_picture(40 + i, 50) for i in range(7)]
    names = [f"camera {i % 2}/{i}" for i in range(7)]
    files = [file_of(picture) for picture in pictures]
    table = pa.table({"image": files, "id": names, "other": range(7)})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=3)
    out = tmp_path / "out"
    job = BatchJob(
        [str(tmp_path / "in.parquet")],
        str(out),
        column="image",
        names="id",
        encoder=ENCODER,
        request=Request(quality=50),
        workers=1,
    )
    assert {r.state for r in encode_dataset(job)} == {"encoded"}
    encoder = tcsdk.Encoder(MODEL, device="cpu", quality=50)
    expected = {
        f"{name}.tcs": encoder.encode(picture)
        for name, picture in zip(names, pictures, strict=True)
    }
    assert streams_in(out) == expected


def test_the_command_line_reports_and_resumes(cluster, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the workers are somewhere else
    expected = write_pictures(tmp_path / "in", 3)
    (tmp_path / "in" / "bad.png").write_bytes(b"no")
    arguments = ["batch", "in", "-o", "out", "--model", str(MODEL)]
    arguments += ["--device", "cpu", "--workers", "1"]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "3 encoded, 1 failed"
    assert "bad.png: ImageError: expected a picture" in err
    assert streams_in(tmp_path / "out") == expected
    (tmp_path / "in" / "bad.png").unlink()
    assert main([*arguments, "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {record["state"] for record in records} == {"kept"}
    assert main([*arguments, "--force", "--max-bytes", "200"]) == 0
    assert all(len(s) <= 200 and is_sound(s) for s in streams_in(tmp_path / "out").values())


def test_an_address_beside_a_connection_is_refused(cluster, tmp_path):
    job = BatchJob([str(tmp_path / "in")], str(tmp_path / "out"), encoder=ENCODER)
    check_rejects(
        lambda: next(encode_dataset(job, "ray://elsewhere:10001")),
        ValueError,
        "connected already",
        "'ray://elsewhere:10001'",
    )


def test_an_argument_that_only_workers_can_check_ends_the_job(cluster, tmp_path):
    write_pictures(tmp_path / "in", 1)
    job = BatchJob(
        [str(tmp_path / "in")],
        str(tmp_path / "out"),
        encoder=ENCODER,
        request=Request(qmap=np.zeros((9, 9))),
        workers=1,
    )
    check_rejects(lambda: list(encode_dataset(job)), WorkerError, "expected qmap")
    assert not streams_in(tmp_path / "out")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sources": []}, "at least one source"),
        ({"names": "id"}, "give column="),
        ({"rows": 0}, "rows as a whole number above 0"),
        ({"workers": 0}, "workers as a whole number above 0"),
        ({"cpus": 0}, "cpus as a whole number above 0"),
    ],
)
def test_wrong_settings_are_refused_at_once(settings, words):
    arguments = {"sources": ["x"], "output": "y", "encoder": ENCODER, **settings}
    check_rejects(lambda: BatchJob(**arguments), ValueError, words)


def test_an_unknown_model_is_refused_at_once():
    check_rejects(
        lambda: BatchJob(["x"], "y", encoder={"model": "none"}), UnknownModelError, "'none'"
    )
