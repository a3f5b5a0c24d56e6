"""Processes that begin at once: forked from one that has imported already what they run, and else like any other.

    python -m tests.forking <path of a socket>

Most of what a short process of ours takes is importing, and the tests start a hundred. Each is a process of its own,
with its own folder, environment and output, which can be killed and says how it ended; that the same comes of a Python
that is started anew is held by those tests that start one. The first request loads what it needs.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import gc
import json
import os
import random
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
ADDRESS = "GREENROOM_TESTS_FORKING"
"""The variable with the socket's path, for all processes of tests."""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_LARGEST = 1 << 20


@contextlib.contextmanager
def forking() -> Iterator[None]:
    """One to fork from, until the end of all tests; it ends with whoever started it."""
    with TemporaryDirectory(prefix="forking-") as folder:
        address = os.path.join(folder, "socket")
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "MPLCONFIGDIR": folder}
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen(64)
            with subprocess.Popen(
                [sys.executable, "-m", "tests.forking", str(listening.fileno())],
                cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[listening.fileno()], start_new_session=True,
            ):  # fmt: skip
                os.environ[ADDRESS] = address
                try:
                    yield
                finally:
                    del os.environ[ADDRESS]


@dataclass(slots=True)
class Forked:
    """A process that runs, as asyncio's processes are used."""

    pid: int
    line: socket.socket
    """Over which its end is told."""
    _status: int | None = field(default=None, init=False)

    @property
    def returncode(self) -> int | None:
        """Its exit status, or the negative number of the signal that ended it; None as long as it runs."""
        if self._status is None:
            with contextlib.suppress(BlockingIOError):
                self._ended(self.line.recv(4))

        return self._status

    async def wait(self) -> int:
        """Wait for its end; the exit status."""
        while self.returncode is None:
            self._ended(await asyncio.get_running_loop().sock_recv(self.line, 4))

        assert self._status is not None
        return self._status

    def waited(self, seconds: float) -> int:
        """The same without an event loop."""
        while self.returncode is None:
            assert select.select([self.line], [], [], seconds)[0], "it does not end"

        assert self._status is not None
        return self._status

    def terminate(self) -> None:
        """Tell it to go."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _ended(self, said: bytes) -> None:
        assert len(said) == 4, "what it was forked from is gone"
        self._status = struct.unpack("i", said)[0]
        self.line.close()


def fork(
    run: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdout: int, stderr: int | None, stdin: int | None = None
) -> Forked:
    """Begin `run`, what would stand behind `python`: a script, or -m and a module, with its arguments.

    Its files are given by their descriptors; None is for nothing to read and nobody who listens.
    """
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.environ[ADDRESS])
    told = json.dumps({"run": list(run), "cwd": str(cwd), "env": dict(env)}).encode()
    with open(os.devnull, "r+b", buffering=0) as nothing:
        files = [nothing.fileno() if file is None else file for file in (stdin, stdout, stderr)]
        line.sendmsg([struct.pack("I", len(told))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])

    line.sendall(told)
    begun = line.recv(4, socket.MSG_WAITALL)
    assert len(begun) == 4, "there is nothing to fork from: does `import bot` work?"
    pid = struct.unpack("i", begun)[0]
    line.setblocking(False)
    return Forked(pid, line)


# --- the other side


def serve(listening: socket.socket) -> None:
    """Fork whenever asked, until whoever started this ends; returns only in the process that was asked for."""
    loaded: set[str] = set()
    while True:
        over = sys.stdin in select.select([sys.stdin, listening], [], [])[0]
        _see_off()
        if over:
            os._exit(0)

        line, _ = listening.accept()
        head, files, _, _ = socket.recv_fds(line, 4, 3)
        told = json.loads(line.recv(struct.unpack("I", head)[0], socket.MSG_WAITALL))
        _load(told["run"], loaded)
        if os.fork() == 0:
            pid = os.fork()
            if pid == 0:
                _become(told, files)
                return

            line.sendall(struct.pack("i", pid))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            with contextlib.suppress(OSError):
                line.sendall(struct.pack("i", status))

            os._exit(0)

        line.close()
        for file in files:
            os.close(file)


def _see_off() -> None:
    """Those that have ended, so that what they took is counted."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _load(run: Sequence[str], loaded: set[str]) -> None:
    """Import what this will need, once."""
    what = "charts" if "monitoring.charts.worker" in run else "bot"
    if what in loaded:
        return

    loaded.add(what)
    if what == "charts":
        from monitoring.charts import KINDS, drawn
        from monitoring.charts.document import DOCUMENT  # noqa: F401 - for those that are forked

        drawn.warm(KINDS.values())
    else:
        import bot  # noqa: F401 - for those that are forked

    gc.collect()
    gc.freeze()


def _become(told: Mapping[str, Any], files: Sequence[int]) -> None:
    """Make this process the one that was asked for."""
    for number, file in enumerate(files):
        os.dup2(file, number)

    os.closerange(3, 1024)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
    random.seed()
    sys.argv = [word for word in told["run"] if word != "-m"]


def main() -> None:
    """Serve, and run what this process was forked for: how that ends is how this does."""
    listening = socket.socket(fileno=int(sys.argv[1]))
    serve(listening)
    listening.detach()
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
