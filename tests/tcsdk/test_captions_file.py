"""Captions of many pictures in a CSV."""

import pytest

from checks import check_rejects
from tcsdk.captions_file import read_captions


def written(folder, text, encoding="utf-8"):
    (folder / "captions.csv").write_bytes(text.encode(encoding))
    return folder / "captions.csv"


def test_a_row_is_found_by_the_end_of_a_path(tmp_path):
    file = written(tmp_path, 'file,caption\na.png,"a wall, red"\nin/a.png,a door\nb.png,\n')
    captions = read_captions(file)
    assert captions.of("/x/in/a.png") == "a door"
    assert captions.of("/x/out/a.png") == captions.of("a.png") == "a wall, red"
    assert captions.of("b.png") == ""
    assert captions.of("c.png") is captions.of("xa.png") is None


def test_another_column_and_a_byte_order_mark_are_read(tmp_path):
    file = written(tmp_path, "file,short,long\na.png,Öl,ein Bild in Öl\n", "utf-8-sig")
    assert read_captions(file, "long").of("a.png") == "ein Bild in Öl"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["file and caption"]),
        ("name,caption\na,b\n", ["file and caption", "name, caption"]),
        ("file,caption\na.png,x\na.png,y\n", ["once", "'a.png' twice"]),
        ("file,caption\n,x\n", ["expected a file"]),
        ("file,caption\na.png\n", ["expected a file and a caption"]),
        ('file,caption\na.png,"open\n', ["CSV in UTF-8"]),
    ],
)
def test_what_is_no_such_csv_is_refused(tmp_path, text, words):
    check_rejects(lambda: read_captions(written(tmp_path, text)), ValueError, *words)


def test_other_encodings_are_refused(tmp_path):
    file = written(tmp_path, "file,caption\na.png,Öl\n", "latin-1")
    check_rejects(lambda: read_captions(file), ValueError, "UTF-8")


def test_a_missing_file_says_so(tmp_path):
    check_rejects(lambda: read_captions(tmp_path / "none.csv"), FileNotFoundError, "none.csv")
