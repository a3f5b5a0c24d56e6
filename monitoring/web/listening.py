"""Where the server listens: at every address that the name it was given has."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable

WAITING = 256
"""Connections that may wait until they are taken in, ..."""
AT_ONCE = 8
"""... and how many of them are taken in before the loop does something else: each takes a tenth of a millisecond."""
SEND_BUFFER = 256 * 1024
"""Bytes that the system keeps for a connection that does not read; it would keep megabytes of its own accord."""
NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


async def listen(connection: Callable[[], asyncio.Protocol], host: str, port: int) -> list[asyncio.Server]:
    """Listen; what comes is handed to a fresh `connection`. Raises OSError where nothing can be listened at."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening: list[asyncio.Server] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            listening.append(await _listen_at(connection, family, address))
        except OSError as error:
            refused = error
            if error.errno not in NOT_HERE:
                break

    if refused is not None and (not listening or refused.errno not in NOT_HERE):
        for server in listening:
            server.close()

        raise refused

    return listening


async def _listen_at(
    connection: Callable[[], asyncio.Protocol], family: int, address: tuple[object, ...]
) -> asyncio.Server:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # Else an address is taken for a minute after a restart; on Windows it would let others have it too.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)

        # What is taken in there has it too.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        bound.bind(address)
        # asyncio knows one number for what may wait and what is taken in at once.
        server = await asyncio.get_running_loop().create_server(connection, sock=bound, backlog=AT_ONCE)
        bound.listen(WAITING)
    except BaseException:
        bound.close()
        raise

    return server
