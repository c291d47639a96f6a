"""A connection that breaks: a relay that hangs up after so many bytes of the client's."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class TornConnection:
    """Passes bytes on to a server, all connections together, until there were enough."""

    def __init__(self, uri: str, *, after: int) -> None:
        parts = urlsplit(uri)
        assert parts.hostname and parts.port
        self._server = (parts.hostname, parts.port)
        self._left = after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []

    def __enter__(self) -> TornConnection:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                there = socket.create_connection(self._server)
                self._open += [client, there]
                threading.Thread(target=self._pass, args=(client, there, True)).start()
                threading.Thread(target=self._pass, args=(there, client, False)).start()

    def _pass(self, source: socket.socket, to: socket.socket, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1024):
                if counts:
                    self._left -= len(data)
                    if self._left < 0:
                        self._tear()
                        return
                to.sendall(data)

    def _tear(self) -> None:
        for connection in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
