"""On what kind of file system a store lies: over a network, locks and fsync may not do what SQLite relies on (F2)."""

from __future__ import annotations

import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = re.compile(
    r"9p|[ka]?afs|afpfs|beegfs|ceph|cifs|coda|davfs|glusterfs|gpfs|lustre|ncpfs|nfs4?|ocfs2|orangefs|pvfs2|smb[23]|smbfs"
    r"|virtiofs|fuse\.(ceph|davfs2?|glusterfs|rclone|s3fs|sshfs)"
)


def network_of(path: Path, mounts: Path = _MOUNTS) -> str:
    """The network file system that a path lies on, such as "nfs4"; "" for a local one, and where nobody can tell.

    `mounts` is read as Linux writes it (proc_pid_mountinfo(5)).
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""

    where, kind = Path("/"), ""
    absolute = path.resolve()
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, after = left.split(), right.split()
        if len(fields) < 5 or not after:
            continue

        point = Path(_unescaped(fields[4]))
        # The last of two mounts at one point is the one that is seen.
        if absolute.is_relative_to(point) and len(point.parts) >= len(where.parts):
            where, kind = point, after[0]

    return kind if _NETWORK.fullmatch(kind) else ""


def network_complaint(path: Path) -> str:
    """What people are told of a store on a network file system; "" for a local one."""
    kind = network_of(path)
    if not kind:
        return ""

    return (
        f"The store lies on a network file system ({kind}), where a crash or a second program can damage it. "
        "Put it on a local disk: set DATABASE_URL."
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
