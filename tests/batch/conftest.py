from __future__ import annotations

import importlib.util

import pytest
from support.small_model import MODEL

import tcsdk

# Ray gives its node 30 seconds to start, which a machine busy with other things may not have.
_ATTEMPTS = 5


@pytest.fixture(scope="session")
def cluster():
    """A cluster of this machine with room for two workers of one CPU."""
    ray = pytest.importorskip("ray", reason="needs the [ray] extra: make test-serving")
    for attempt in range(_ATTEMPTS):
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
            break
        except Exception as error:  # a plain one, whatever the cause
            ray.shutdown()
            if attempt + 1 == _ATTEMPTS or "timed out during startup" not in str(error):
                raise
    yield ray
    ray.shutdown()


@pytest.fixture(scope="session")
def encoder() -> tcsdk.Encoder:
    return tcsdk.Encoder(MODEL, device="cpu", threads=1)


def pytest_collection_modifyitems(items):
    """Skip what needs Arrow where it is not."""
    if importlib.util.find_spec("pyarrow") is None:
        skip = pytest.mark.skip(reason="needs the [ray] extra: make test-serving")
        for item in items:
            if item.get_closest_marker("ray") is not None:
                item.add_marker(skip)
