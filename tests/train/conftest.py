"""What a training needs: the fonts it renders with, and one thread, so that runs are equal."""

import pytest


@pytest.fixture
def fonts():
    """Skips where the training fonts are not installed."""
    from tcsdk.train.render import Assets

    try:
        Assets.load("train")
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def one_thread():
    """Torch on one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
