"""The process that draws: `python -m monitoring.charts.worker`.

Reads requests from stdin and answers on stdout, each with its length in four bytes before it. A request is a pickle of
(kind, value, theme) from the process that started this one; an answer is one byte, 0 for a picture (PNG; PDF of a
document) or 1 for a sentence that says why there is none, and then its bytes. An empty kind only warms. Ends when
stdin does.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import sys
from typing import BinaryIO

from monitoring.errors import ChartError

DRAWN, FAILED = b"\0", b"\1"
WARM = ""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while (head := requests.read(4)) and len(head) == 4:
        body = requests.read(struct.unpack(">I", head)[0])
        answer = _answer(body)
        answers.write(struct.pack(">I", len(answer)) + answer)
        answers.flush()
        # A figure and its artists point at each other; without this they pile up to 20 MB before Python looks.
        gc.collect()


def _answer(body: bytes) -> bytes:
    from monitoring.charts import KINDS, draw
    from monitoring.charts.document import DOCUMENT, pdf

    try:
        kind, value, theme = pickle.loads(body)
        if kind == WARM:
            from monitoring.charts import drawn

            drawn.warm(KINDS.values())
            gc.freeze()
            return DRAWN

        return DRAWN + (pdf(value, theme) if kind == DOCUMENT else draw(kind, value, theme))
    except ChartError as error:
        return FAILED + str(error).encode()
    except Exception as error:  # whatever a chart stumbles over, the next one is drawn by this same process
        return FAILED + f"{type(error).__name__}: {error}".encode()


def main() -> None:
    """Serve over the process's own stdin and stdout; what anything prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
