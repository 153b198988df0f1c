from __future__ import annotations

import pytest
from support.small_model import MODEL

import tcsdk


@pytest.fixture(scope="session")
def encoder() -> tcsdk.Encoder:
    return tcsdk.Encoder(MODEL, quality=40, device="cpu", threads=2)


@pytest.fixture(scope="session")
def decoder() -> tcsdk.Decoder:
    return tcsdk.Decoder("cpu", threads=2, models=[MODEL])


@pytest.fixture(scope="session")
def concealing() -> tcsdk.Decoder:
    return tcsdk.Decoder("cpu", threads=2, models=[MODEL], on_error="conceal")
