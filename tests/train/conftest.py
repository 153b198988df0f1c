"""What a training needs: one thread, so that runs are equal."""

import pytest


@pytest.fixture
def one_thread():
    """Torch on one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
