"""Threads that a process may have: its affinity mask and the quotas of its groups."""

from __future__ import annotations

import os

import pytest

from tcsdk.engines import available_threads
from tcsdk.engines.threads import thread_limits


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity mask here")
def test_threads_follow_the_affinity_mask(tmp_path):
    none = tmp_path / "none"
    assert available_threads(none, none) == len(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_threads(none, none) == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(("quota", "threads"), [("150000 100000", 2), ("50000 100000", 1)])
def test_threads_follow_a_quota_of_an_enclosing_group(tmp_path, monkeypatch, quota, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    (tmp_path / "membership").write_text("0::/outer/inner\n")
    groups = tmp_path / "groups"
    (groups / "outer" / "inner").mkdir(parents=True)
    (groups / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    (groups / "outer" / "cpu.max").write_text(quota + "\n")
    assert available_threads(tmp_path / "membership", groups) == threads
    limits = thread_limits(tmp_path / "membership", groups)
    assert (limits.affinity, limits.quota) == (16, int(quota.split()[0]) / 100000)


def test_threads_follow_a_quota_of_version_1(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    (tmp_path / "membership").write_text("4:cpu,cpuacct:/host/path\n2:memory:/\n")
    group = tmp_path / "groups" / "cpu"
    group.mkdir(parents=True)
    (group / "cpu.cfs_quota_us").write_text("300000\n")
    (group / "cpu.cfs_period_us").write_text("100000\n")
    assert available_threads(tmp_path / "membership", tmp_path / "groups") == 3
