"""The pool that lends a GPU's buffers and contexts: no GPU is needed to get that wrong."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tcsdk.engines.slots import SlotPool, signature_of

A, B, C = (signature_of({"x": np.zeros(n, np.float32)}) for n in (1, 2, 3))


class Counter:
    """Numbers the slots it makes."""

    def __init__(self) -> None:
        self.made: list[tuple[int, object]] = []

    def __call__(self, signature):
        self.made.append((len(self.made), signature))
        return self.made[-1]


def test_signature_has_names_and_shapes_whatever_their_order():
    x, z = np.zeros((1, 2), np.float32), np.zeros(3, np.float32)
    assert signature_of({"z": z, "x": x}) == signature_of({"x": x, "z": z})
    assert signature_of({"x": x}) == (("x", (1, 2)),)


def test_a_slot_is_kept_for_its_shapes():
    make = Counter()
    pool = SlotPool(make, 2)
    for signature in (A, B, A, B, A):
        with pool.lend(signature) as slot:
            assert slot[1] == signature
    assert len(make.made) == 2


def test_the_least_recently_used_slot_gives_way():
    make = Counter()
    pool = SlotPool(make, 2)
    for signature in (A, B, A, C, A):  # C takes B's place, not A's
        with pool.lend(signature):
            pass
    assert [signature for _, signature in make.made] == [A, B, C]


def test_two_borrowers_of_one_shape_get_two_slots():
    pool = SlotPool(Counter(), 2)
    with pool.lend(A) as first, pool.lend(A) as second:
        assert first is not second


def test_a_slot_whose_run_failed_is_not_lent_again():
    make = Counter()
    pool = SlotPool(make, 1)
    with pytest.raises(RuntimeError, match="launch"), pool.lend(A):
        raise RuntimeError("launch failed")
    with pool.lend(A) as slot:
        assert slot[0] == 1


def test_a_slot_that_cannot_be_made_does_not_take_a_place():
    failures = [MemoryError("full")]

    def make(signature):
        if failures:
            raise failures.pop()
        return (0, signature)

    pool = SlotPool(make, 1)
    with pytest.raises(MemoryError), pool.lend(A):
        pass
    with pool.lend(A) as slot:
        assert slot == (0, A)


def test_more_threads_than_slots_wait_and_all_are_served():
    lent: set[int] = set()
    worst, served = [0], []
    lock = threading.Lock()
    pool = SlotPool(Counter(), 2)

    def borrow(signature):
        for _ in range(50):
            with pool.lend(signature) as slot:
                with lock:
                    assert slot[0] not in lent
                    lent.add(slot[0])
                    worst[0] = max(worst[0], len(lent))
                    served.append(slot[1] == signature)
                with lock:
                    lent.remove(slot[0])

    threads = [threading.Thread(target=borrow, args=(s,)) for s in (A, B, C, A)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert served == [True] * 200
    assert worst[0] <= 2
