"""Places, and the rows and tasks that come of sources; no cluster."""

from __future__ import annotations

import io

import pytest
from support.small_model import file_of, smooth_picture

from checks import check_rejects
from tcsdk.batch.job import in_words
from tcsdk.batch.sources import (
    check_names,
    list_files,
    target_of,
    tasks_of_column,
    tasks_of_files,
)
from tcsdk.batch.stores import Place
from tcsdk.errors import ImageError, OutputError

pytestmark = pytest.mark.ray


@pytest.fixture
def remote(tmp_path):
    """A folder of a file system that Arrow does not know: temporary file, then rename."""
    from fsspec.implementations.local import LocalFileSystem
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    return Place(PyFileSystem(FSSpecHandler(LocalFileSystem())), str(tmp_path))


def as_columns(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize("kind", ["path", "uri", "remote"])
def test_what_is_written_is_read_and_leaves_nothing_else(tmp_path, remote, kind):
    folder = {"path": Place.at(str(tmp_path)), "uri": Place.at(tmp_path.as_uri()), "remote": remote}
    place = folder[kind].within("a/b.tcs")
    assert not place.is_file()
    place.write(b"old")
    place.write(b"new")
    assert place.read() == b"new"
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b.tcs"]


@pytest.mark.parametrize("kind", ["path", "remote"])
def test_what_cannot_be_written_says_where_and_leaves_nothing(tmp_path, remote, kind):
    folder = {"path": Place.at(str(tmp_path)), "remote": remote}[kind]
    (tmp_path / "file").write_bytes(b"")
    check_rejects(lambda: folder.within("file/a.tcs").write(b"x"), OutputError, "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "taken.tcs" / "inner").mkdir(parents=True)
    place = Place.at(str(tmp_path / "taken.tcs"))
    check_rejects(lambda: place.write(b"x"), OutputError, "taken.tcs")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.tcs"]


def test_an_unknown_scheme_is_wrong_use():
    with pytest.raises(ValueError, match="gopher"):
        Place.at("gopher://host/folder")


def test_pictures_of_folders_and_files_become_rows(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("b.PNG", "a.jpg", "deep/c.png", "notes.txt"):
        (tmp_path / "in" / name).write_bytes(name.encode())
    (tmp_path / "single.dat").write_bytes(b"single")
    rows, _ = list_files([str(tmp_path / "in"), (tmp_path / "single.dat").as_uri()])
    assert [row["target"] for row in rows] == ["a.tcs", "b.tcs", "deep/c.tcs", "single.tcs"]
    tasks = list(tasks_of_files(as_columns(rows)))
    assert [task.read() for task in tasks] == [b"a.jpg", b"b.PNG", b"deep/c.png", b"single"]
    assert tasks[2].name == str(tmp_path / "in" / "deep" / "c.png")


def test_a_missing_file_fails_when_it_is_read(tmp_path):
    (task,) = tasks_of_files(as_columns(list_files([str(tmp_path / "none.png")])[0]))
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        task.read()


def test_two_pictures_of_one_target_are_refused(tmp_path):
    for name in ("a.png", "a.jpg"):
        (tmp_path / name).write_bytes(b"")
    check_rejects(lambda: list_files([str(tmp_path)]), ValueError, "a.tcs", "rename")


def test_a_folder_without_pictures_is_wrong_use(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"")
    words = (f"no picture in {tmp_path}", "1 .pdf skipped")
    check_rejects(lambda: list_files([str(tmp_path)]), ValueError, *words)


def test_a_folder_that_cannot_be_searched_leaves_the_others_alone(tmp_path, monkeypatch):
    from fsspec.implementations.local import LocalFileSystem
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    class Handler(FSSpecHandler):
        """Refuses to search one folder, for root too."""

        def get_file_info_selector(self, selector):
            if selector.base_dir.endswith("locked"):
                raise PermissionError(f"[errno 13] Permission denied: {selector.base_dir}")
            return super().get_file_info_selector(selector)

    for name in ("a.png", "locked/b.png", "open/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    place = Place(PyFileSystem(Handler(LocalFileSystem())), str(tmp_path))
    monkeypatch.setattr("tcsdk.batch.sources.place_at", lambda _: place)
    rows, unreadable = list_files([str(tmp_path)])
    assert [row["target"] for row in rows] == ["a.tcs", "open/c.tcs"]
    ((folder, error),) = unreadable.items()
    assert folder == str(tmp_path / "locked")
    assert in_words(error).startswith("PermissionError: [errno 13]")


def test_pictures_that_are_not_opened_are_logged(tmp_path, caplog):
    for name in ("a.png", "b.pdf", "c.pdf", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert len(list_files([str(tmp_path)])[0]) == 1
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{tmp_path}: 2 .pdf skipped: draw its pages")


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", "", "..", "a\0b"])
def test_names_that_leave_the_output_are_refused(name):
    check_rejects(lambda: target_of(name), OutputError, "stays within", repr(name))


def test_values_of_a_column_become_tasks(tmp_path):
    picture = file_of(smooth_picture(20, 20))
    file = tmp_path / "x.png"
    file.write_bytes(picture)
    values = [picture, {"bytes": picture, "path": "p"}, str(file), file.as_uri(), None, picture]
    names = ["a", "b/c", "d.tcs", "e", "f", "../g"]
    tasks = list(tasks_of_column({"image": values, "id": names}, "image", "id"))
    assert [task.target for task in tasks] == ["a.tcs", "b/c.tcs", "d.tcs", "e.tcs", "f.tcs", ""]
    assert [task.read() for task in tasks[:4]] == [picture] * 4
    check_rejects(tasks[4].read, ImageError, "expected bytes", "NoneType")
    check_rejects(tasks[5].read, OutputError, "../g")


def test_uris_are_decoded_and_those_that_cannot_be_opened_fail_alone(tmp_path):
    file = tmp_path / "a b" / "50%.png"
    file.parent.mkdir()
    file.write_bytes(b"picture")
    values = [file.as_uri(), "https://host/a.png", "gopher://host/a.png"]
    tasks = list(tasks_of_column({"image": values}, "image", None))
    assert tasks[0].read() == b"picture"
    for task, value in zip(tasks[1:], values[1:], strict=True):
        check_rejects(task.read, ImageError, "a URI that Arrow can open", repr(value))


def test_without_names_content_or_path_names_the_stream():
    values = [b"one", b"two", b"one", "s3://bucket/a/b.png"]
    targets = [task.target for task in tasks_of_column({"image": values}, "image", None)]
    assert targets[0] == targets[2] != targets[1]
    assert len(targets[0]) == 32 + len(".tcs")
    assert targets[3] == "bucket/a/b.png.tcs"


def test_repeated_names_are_found_before_anything_runs(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    for part, names in enumerate((["a", "b"], ["c", "b.tcs"])):
        table = pa.table({"image": [b"x", b"y"], "id": names})
        parquet.write_table(table, tmp_path / f"{part}.parquet")
    check_rejects(lambda: check_names([str(tmp_path)], "id"), ValueError, "'id'", "b.tcs")
    check_names([str(tmp_path / "0.parquet")], "id")
    check_rejects(lambda: check_names([str(tmp_path)], "no"), ValueError, "'no'", "image")


def test_names_that_leave_the_output_are_left_to_their_rows(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"image": [b"x", b"y", b"z"], "id": ["../a", "../a", "c"]})
    parquet.write_table(table, tmp_path / "in.parquet")
    check_names([str(tmp_path)], "id")


def test_a_task_is_a_picture_source(encoder):
    picture = smooth_picture(40, 30)
    (task,) = tasks_of_column({"image": [file_of(picture)]}, "image", None)
    assert encoder.encode(task) == encoder.encode(picture)
    assert encoder.encode(io.BytesIO(task.read())) == encoder.encode(picture)


def test_captions_of_files_come_from_a_csv(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "said.csv").write_text("file,caption\nb.png,a red sign\n")
    rows, _ = list_files([str(tmp_path)], str(tmp_path / "said.csv"))
    tasks = list(tasks_of_files(as_columns(rows)))
    assert [task.caption for task in tasks] == [None, "a red sign"]
    (tmp_path / "said.csv").write_text("file,caption\nc.png,a red sign\n")
    check_rejects(
        lambda: list_files([str(tmp_path)], str(tmp_path / "said.csv")), ValueError, "got of none"
    )


def test_captions_of_a_column_may_be_missing():
    said = ["a red sign", None, float("nan"), "", 7]
    rows = {"image": [b"x"] * len(said), "said": said}
    tasks = tasks_of_column(rows, "image", None, "said")
    assert [task.caption for task in tasks] == ["a red sign", None, None, None, "7"]
