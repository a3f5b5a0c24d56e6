"""What a container may use, and what it uses of it: psutil shows the whole machine, even inside of one.

Read from the files of Linux' control groups, version 2 and 1 (https://docs.kernel.org/admin-guide/cgroup-v2.html). The
tightest limit between the process's own group and the root counts, with what is used in that group.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_UNLIMITED = 1 << 60
"""Bytes from which on version 1 means that there is no limit."""


class Cgroup:
    """The control group of this process; without control groups, nothing is limited.

    `root` is where they are mounted, `listed` the file that lists the groups of the process.
    """

    def __init__(self, root: Path = Path("/sys/fs/cgroup"), listed: Path = Path("/proc/self/cgroup")) -> None:
        self._memory: tuple[Path, ...] = ()
        self._cpu: tuple[Path, ...] = ()
        self._usage: tuple[Path, ...] = ()
        self._ran: tuple[float, float] | None = None
        self._unified = (root / "cgroup.controllers").exists()
        for line in _text(listed).splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            names = controllers.split(",")
            if self._unified and not controllers:
                self._memory = self._cpu = self._usage = tuple(_upwards(root, path))
            elif not self._unified and "memory" in names:
                self._memory = tuple(_upwards(_mounted(root, controllers, "memory"), path))
            elif not self._unified and ("cpu" in names or "cpuacct" in names):
                self._cpu = tuple(_upwards(_mounted(root, controllers, "cpu"), path)) if "cpu" in names else self._cpu
                accounting = _mounted(root, controllers, "cpuacct")
                self._usage = tuple(_upwards(accounting, path)) if "cpuacct" in names else self._usage

    def memory(self) -> tuple[float, float] | None:
        """Bytes in use, without files that are only cached, and the limit; None where there is no limit."""
        limit_file, used_file, cached = (
            ("memory.max", "memory.current", "inactive_file")
            if self._unified
            else ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        )
        found = []
        for folder in self._memory:
            limit = _number(folder / limit_file)
            used = _number(folder / used_file) if limit and limit < _UNLIMITED else None
            if limit and used is not None:
                # As Kubernetes and Docker count it: what the kernel can take back at once is not in use.
                used -= min(_named(folder / "memory.stat", cached) or 0, used)
                found.append((used, limit))

        return max(found, key=lambda both: both[0] / both[1], default=None)

    def cores(self) -> float | None:
        """Cores that may be used, by the tightest quota; None where there is none."""
        return min((quota for folder in self._cpu if (quota := self._quota(folder)) is not None), default=None)

    def busy(self, now: float) -> float | None:
        """Mean number of cores that were busy since the last call, `now` in seconds; None at the first."""
        for folder in self._usage:
            if self._unified:
                used = _named(folder / "cpu.stat", "usage_usec")
                seconds = None if used is None else used / 1e6
            else:
                used = _number(folder / "cpuacct.usage")
                seconds = None if used is None else used / 1e9

            if seconds is not None:
                before, self._ran = self._ran, (now, seconds)
                if before is None or now <= before[0] or seconds < before[1]:
                    return None

                return (seconds - before[1]) / (now - before[0])

        return None

    def _quota(self, folder: Path) -> float | None:
        if self._unified:
            quota, _, period = _text(folder / "cpu.max").partition(" ")
        else:
            quota, period = _text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")

        if not quota.isdecimal() or not period.isdecimal() or int(period) == 0:
            # "max" and -1 mean that there is none.
            return None

        return int(quota) / int(period)


def _mounted(root: Path, controllers: str, name: str) -> Path:
    """Where version 1 has a controller: under its own name, or under those of all that are mounted together."""
    return root / name if (root / name).is_dir() else root / controllers


def _upwards(root: Path, path: str) -> Iterator[Path]:
    """The group's folder and those above, as far as they can be seen: in a container often only the root can be."""
    inside = path.strip("/").split("/")
    for depth in range(len(inside), 0, -1):
        folder = root.joinpath(*inside[:depth])
        if ".." not in inside and inside != [""] and folder.is_dir():
            yield folder

    yield root


def _text(path: Path) -> str:
    try:
        # Unbuffered and as bytes, which takes half of the time: there are many of them.
        with open(path, "rb", buffering=0) as file:
            return file.read().decode("ascii", "replace").strip()
    except OSError:
        # Not there, or not ours to read: then nothing is known of it.
        return ""


def _number(path: Path) -> float | None:
    text = _text(path)
    return float(text) if text.isdecimal() else None


def _named(path: Path, name: str) -> float | None:
    """The number behind a name in a file of names and numbers."""
    for line in _text(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdecimal():
            return float(value)

    return None
