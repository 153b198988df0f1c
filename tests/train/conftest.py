"""For trainings in tests: they begin with fewer samples than those that learn."""

import pytest

from tcsdk.train.run import window


@pytest.fixture(autouse=True, scope="module")
def few_samples():
    """Let a training begin with 8 rendered samples: the 256 of others take longer than its steps.

    Of the module, so that batches that its tests share are made of few samples too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "FIRST", 8)
        yield
