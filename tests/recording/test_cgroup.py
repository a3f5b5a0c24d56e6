"""What a container may use: the files of control groups, version 2 and 1, as kernels write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.recording.cgroup import Cgroup


def group(tmp_path: Path, listed: str, files: dict[str, str]) -> Cgroup:
    """The control group of a process that is listed so, among these files."""
    root = tmp_path / "cgroup"
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")

    (tmp_path / "listed").write_text(f"{listed}\n")
    return Cgroup(root, tmp_path / "listed")


TWO = {"cgroup.controllers": "cpu memory", "memory.current": "600", "memory.stat": "anon 5\ninactive_file 100\nx y"}


def test_of_version_two_the_limit_without_cached_files(tmp_path):
    """In a container the root is its own group."""
    found = group(tmp_path, "0::/", TWO | {"memory.max": "1000", "cpu.max": "150000 100000"})
    assert found.memory() == (500, 1000)
    assert found.cores() == 1.5


def test_max_means_no_limit(tmp_path):
    """As on a machine that limits nothing."""
    found = group(tmp_path, "0::/", TWO | {"memory.max": "max", "cpu.max": "max 100000"})
    assert found.memory() is None
    assert found.cores() is None


def test_the_tightest_of_the_groups_above_counts(tmp_path):
    """A service in a slice: the fuller one for memory, the smaller quota for CPU."""
    found = group(
        tmp_path,
        "0::/bots.slice/bot.service",
        TWO
        | {
            "bots.slice/memory.max": "1000", "bots.slice/memory.current": "900", "bots.slice/cpu.max": "50000 100000",
            "bots.slice/bot.service/memory.max": "800", "bots.slice/bot.service/memory.current": "80",
            "bots.slice/bot.service/cpu.max": "200000 100000",
        },
    )  # fmt: skip
    assert found.memory() == (900, 1000)
    assert found.cores() == 0.5


def test_of_version_one_each_controller_has_its_own_folder(tmp_path):
    """Mounted together under both names or under each; the path of the host is often not there in a container."""
    found = group(
        tmp_path,
        "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/",
        {
            "memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "700",
            "memory/memory.stat": "cache 300\ntotal_inactive_file 200",
            "cpu,cpuacct/cpu.cfs_quota_us": "20000", "cpu,cpuacct/cpu.cfs_period_us": "100000",
            "cpu,cpuacct/cpuacct.usage": "4000000000",
        },
    )  # fmt: skip
    assert found.memory() == (500, 1000)
    assert found.cores() == 0.2
    assert found.busy(0) is None
    (tmp_path / "cgroup/cpu,cpuacct/cpuacct.usage").write_text("5000000000")
    assert found.busy(10) == 0.1


def test_of_version_one_a_huge_number_or_a_negative_quota_is_no_limit(tmp_path):
    """As the kernel writes where nothing is limited."""
    found = group(
        tmp_path,
        "4:memory:/\n3:cpu:/",
        {
            "memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "700",
            "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000",
        },
    )  # fmt: skip
    assert found.memory() is None
    assert found.cores() is None


def test_busy_cores_are_those_since_the_last_call(tmp_path):
    """Not over a clock that stands still, nor a counter that began anew."""
    found = group(tmp_path, "0::/", TWO | {"cpu.stat": "usage_usec 1000000"})
    stat = tmp_path / "cgroup/cpu.stat"
    assert found.busy(100) is None
    stat.write_text("usage_usec 4000000\nuser_usec 1")
    assert found.busy(102) == 1.5
    assert found.busy(102) is None
    stat.write_text("usage_usec 10")
    assert found.busy(104) is None


@pytest.mark.parametrize("listed", ["", "0::/../../outside", "nonsense", "0::", "4:memory", "::::"])
def test_what_cannot_be_read_limits_nothing(tmp_path, listed):
    """No control groups, as on other systems, or files that say something else."""
    found = group(tmp_path, listed, {"cgroup.controllers": "", "memory.max": "a lot", "cpu.max": "1 0"})
    assert found.memory() is None
    assert found.cores() is None
    assert found.busy(1) is None
    nowhere = Cgroup(tmp_path / "nowhere", tmp_path / "not listed")
    assert (nowhere.memory(), nowhere.cores(), nowhere.busy(1)) == (None, None, None)
