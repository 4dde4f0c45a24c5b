"""HTTP as uvicorn speaks it, with less patience: who dawdles over a request's head is hung up on. For deploy.house.

uvicorn bounds the time between requests; a head may take for ever and be of any length, and each such connection holds
a place. Bodies have their own time-out (api/door.py).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS_MAX: Final = 10.0
HEAD_BYTES_MAX: Final = 64 * 1024


class Impatient(HttpToolsProtocol):
    """A connection that is closed when a head is not there after ten seconds, or is longer than 64 KiB."""

    _patience: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """The first head is waited for from now on."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Bytes of a head that is not whole yet are counted; a whole one costs nothing."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._hang_up()
            elif self._patience is None:
                self._wait()

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of what was received."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head = False
        self._forget()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._forget()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS_MAX, self._hang_up)

    def _forget(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
