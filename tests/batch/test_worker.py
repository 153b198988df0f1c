"""What a worker says of its pictures; no cluster."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from support.small_model import CAPTIONED, MODEL, file_of, smooth_picture

import tcsdk
from tcsdk.batch.job import BatchJob, Encoded
from tcsdk.batch.sources import list_files
from tcsdk.batch.worker import EncodingWorker
from tcsdk.many.outcome import Outcome
from tcsdk.pipeline import Task
from tcsdk.reading.comparison import LineDifference
from tcsdk.reading.verification import Verification
from tcsdk.request import Request

pytestmark = pytest.mark.ray
PICTURE = smooth_picture(64, 48)


def test_rows_carry_what_was_left_out(tmp_path):
    buffer = io.BytesIO()
    first, second = Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1].copy())
    first.save(buffer, "TIFF", save_all=True, append_images=[second])
    (tmp_path / "a.tif").write_bytes(buffer.getvalue())
    (tmp_path / "b.png").write_bytes(file_of(PICTURE))
    listed, _ = list_files([str(tmp_path)])
    rows = {name: [row[name] for row in listed] for name in listed[0]}
    job = BatchJob(
        [str(tmp_path)], str(tmp_path / "out"), encoder={"model": str(MODEL), "device": "cpu"}
    )
    columns = EncodingWorker(job)(rows)
    one, two = (Encoded(**{name: columns[name][k] for name in columns}) for k in range(2))
    assert one.state == two.state == "encoded"
    assert "number 1 alone" in one.notes
    assert two.notes == one.not_verified == two.not_verified == ""


def test_rows_carry_what_was_not_verified(tmp_path):
    job = BatchJob(
        ["in"], str(tmp_path), encoder={"model": str(MODEL), "device": "cpu"}, request=Request()
    )
    difference = LineDifference("A1", "A7", (0, 0, 9, 5))
    outcome = Outcome(
        "a", b"12", verification=Verification(20, 1, 1, 0, (), (difference,), "quality")
    )
    row = EncodingWorker(job)._came(Task("a", "a.tcs", bytes), outcome)
    assert row["state"] == "encoded"
    assert row["not_verified"] == '"A1" is read as "A7" (at 0,0, 9x5)'


def test_each_picture_has_its_caption(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(file_of(PICTURE))
    (tmp_path / "said.csv").write_text("file,caption\nb.png,a red sign\n")
    listed, _ = list_files([str(tmp_path)], str(tmp_path / "said.csv"))
    rows = {name: [row[name] for row in listed] for name in listed[0]}
    encoder = {"model": str(CAPTIONED), "device": "cpu"}
    job = BatchJob([str(tmp_path)], str(tmp_path / "out"), encoder=encoder)
    assert set(EncodingWorker(job)(rows)["state"]) == {"encoded"}
    told = tcsdk.Encoder(CAPTIONED, device="cpu", threads=1)
    for name, caption in (("a", None), ("b", "a red sign")):
        expected = told.encode(PICTURE, caption=caption)
        assert (tmp_path / "out" / f"{name}.tcs").read_bytes() == expected
