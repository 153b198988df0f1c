from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading

import pytest

from tcsdk.many.parallel import Work, ordered_map


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers):
    gates = [threading.Event() for _ in range(20)]
    for gate in gates[::2] if workers > 1 else gates:
        gate.set()

    def wait(index: int) -> int:
        if workers > 1 and index % 2 == 0:
            gates[index + 1].set()  # every odd item waits for the even one before it
        assert gates[index].wait(10)
        return index

    assert list(ordered_map(wait, range(20), workers)) == list(range(20))


@pytest.mark.parametrize("workers", [1, 3])
def test_endless_input_is_read_only_a_little_ahead(workers):
    taken = itertools.count()
    results = ordered_map(lambda item: item, (next(taken) for _ in itertools.repeat(0)), workers)
    assert [next(results) for _ in range(10)] == list(range(10))
    assert next(taken) <= 10 + 2 * workers
    results.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_an_exception_is_raised_at_its_place(workers):
    results = ordered_map(lambda item: 1 // item, [1, 1, 0, 1], workers)
    assert next(results) == 1
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_more_than_one_thread_works_at_a_time():
    meeting = threading.Barrier(2, timeout=10)
    assert len(list(ordered_map(lambda _: meeting.wait(), range(2), 2))) == 2


def test_what_has_begun_ends_at_exit():
    script = """
import time
from tcsdk.many.parallel import ordered_map

def work(item):
    time.sleep(0.2 * (item > 0))
    print("ended", item, flush=True)

results = ordered_map(work, range(100), 2)  # never closed
next(results)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    ended = ran.stdout.splitlines()
    assert ended[0] == "ended 0"
    assert len(ended) <= 4
    assert not ran.stderr


INTERRUPTED = """
import random, signal, sys
from tcsdk.many.parallel import ordered_map

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
rng = random.Random(1)
ended = 0
for _ in range(3000):
    try:
        results = ordered_map(abs, ordered_map(abs, iter(range(10**9)), 2), 4)
        signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 2e-3))
        for _ in results:
            pass
    except KeyboardInterrupt:
        ended += 1
    results = None
print(ended)
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="an interrupt at any moment needs it")
def test_an_interrupt_at_any_moment_leaves_nothing_waiting():
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=600, check=True
    )
    assert (ran.stdout, ran.stderr) == ("3000\n", "")


@pytest.mark.parametrize(
    ("tiles", "threads", "expected"),
    [
        (1, 4, Work(1, concurrent=False)),
        (3, 4, Work(1, concurrent=False)),
        (4, 4, Work(4, concurrent=True)),
        (99, 1, Work(1, concurrent=False)),
        (99, 64, Work(8, concurrent=True)),
    ],
)
def test_tiles_run_side_by_side_where_they_fill_the_cpus(tiles, threads, expected):
    assert Work.on_tiles(tiles, threads) == expected
