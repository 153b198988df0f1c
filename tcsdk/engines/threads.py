"""How many threads this process may keep busy: affinity mask and cgroup quota."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ThreadLimits:
    """What bounds the threads that this process may keep busy.

    Attributes:
        cpus: Of the machine.
        affinity: CPUs of the affinity mask.
        quota: CPUs that the cgroups allow, the least of them; None without a quota.
    """

    cpus: int
    affinity: int
    quota: float | None

    @property
    def usable(self) -> int:
        """Threads worth starting."""
        quota = self.affinity if self.quota is None else math.ceil(self.quota)
        return max(1, min(self.affinity, quota))


def thread_limits(
    membership: Path = Path("/proc/self/cgroup"), groups: Path = Path("/sys/fs/cgroup")
) -> ThreadLimits:
    """Return what bounds the threads of this process.

    Args:
        membership: Where the kernel lists the control groups of this process.
        groups: Where control groups are mounted.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # Linux has it, macOS and Windows do not
    cpus = os.cpu_count() or 1
    allowed = len(affinity(0)) if affinity else cpus
    return ThreadLimits(cpus, allowed, min(_quotas(membership, groups), default=None))


def available_threads(
    membership: Path = Path("/proc/self/cgroup"), groups: Path = Path("/sys/fs/cgroup")
) -> int:
    """Return the number of CPUs of the affinity mask, or the cgroup's quota where that is less.

    Args:
        membership: Where the kernel lists the control groups of this process.
        groups: Where control groups are mounted.
    """
    return thread_limits(membership, groups).usable


def _quotas(membership: Path, groups: Path) -> list[float]:
    """Return the CPUs that each enclosing control group with a quota allows.

    A container often sees its own group as the root of the mount while `membership` still names
    the host's path, so a path that is not there is walked up to one that is.
    """
    found = []
    for line in _read(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # version 2: one tree for everything
            root, read = groups, _quota_v2
        elif "cpu" in controllers.split(","):
            root, read = groups / "cpu", _quota_v1
        else:
            continue
        inner = Path(path.lstrip("/"))
        found += [read(root / part) for part in (inner, *inner.parents)]
    return [quota for quota in found if quota is not None]


def _quota_v2(group: Path) -> float | None:
    fields = _read(group / "cpu.max").split()
    if len(fields) != 2 or fields[0] == "max":
        return None
    return int(fields[0]) / int(fields[1])


def _quota_v1(group: Path) -> float | None:
    quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    if not quota or not period or int(quota) <= 0:
        return None
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
