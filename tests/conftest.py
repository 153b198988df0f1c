"""For all tests: fonts to render with; hypothesis has no deadlines, timing is never a test."""

import pytest
from hypothesis import settings

settings.register_profile("tcsdk", deadline=None)
settings.load_profile("tcsdk")


@pytest.fixture
def fonts():
    """Skips where the training fonts are not installed."""
    from tcsdk.train.render import Assets

    try:
        Assets.load("train")
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
