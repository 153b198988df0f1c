import pytest
import torch

from benchmarks.studies.caption_length import KINDS, analysis, main, measured, nets

pytestmark = pytest.mark.train


@pytest.mark.usefixtures("one_thread")
def test_a_row_has_the_time_of_each_net_and_their_ratios():
    row = measured(16, 2, (64, 64))
    assert (row["picture"], row["tokens"]) == ("64x64", "016")
    assert all(float(row[f"{kind}, ms"]) > 0 for kind in KINDS)
    assert 0.1 < float(row["linformer / attention"]) < 10


@pytest.mark.usefixtures("one_thread")
def test_what_is_timed_hears_the_caption_and_the_two_agree_on_a_short_one():
    for tokens, agree in ((8, True), (80, False)):
        made = nets(tokens)
        plain, full, few = (analysis(made[kind], tokens, (64, 64))() for kind in KINDS)
        assert torch.allclose(full, few, atol=1e-4) == agree
        assert not torch.allclose(full, plain, atol=1e-2)


@pytest.mark.usefixtures("one_thread")
def test_rows_go_to_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.studies.caption_length.SIZE", (64, 64))
    main(["--tokens", "128", "16", "--turns", "1", "--results", str(tmp_path)])
    rows = (tmp_path / "caption_length.csv").read_text().splitlines()[1:]
    assert [row.split(",")[1] for row in rows] == ["016", "128"]
