"""Waiting for something to become so on the event loop; for tests."""

import asyncio
from collections.abc import Callable

BOUND_SECONDS = 20


async def until_async(true: Callable[[], object], seconds: float = BOUND_SECONDS) -> None:
    """Let the loop run until it is so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)
