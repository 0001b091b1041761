"""Timers that were called off do not pile up while a crawl is busy."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from crawlers.registry import Portal
from crawlers.settings import crawl_settings
from crawlers.timers import TimerSweep

TIMEOUT = 120.0


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.SelectorEventLoop()
    yield loop
    loop.close()


def kept_after_a_while(loop: asyncio.AbstractEventLoop, sweep: TimerSweep | None, reactor: Any) -> int:
    """How many time-outs of answered requests are still held, a moment after the last answer."""
    waiting = reactor.callLater(TIMEOUT, int)  # a request under way
    timers = []
    for _ in range(500):
        timer = reactor.callLater(TIMEOUT, int)
        timers.append(weakref.ref(timer))
        loop.run_until_complete(asyncio.sleep(0))
        timer.cancel()
    del timer
    if sweep is not None:
        sweep.start()
    loop.run_until_complete(asyncio.sleep(0.2))
    if sweep is not None:
        sweep.stop()
    gc.collect()
    assert waiting.active()
    waiting.cancel()
    return sum(timer() is not None for timer in timers)


def test_timers_called_off_are_thrown_away(loop: asyncio.AbstractEventLoop) -> None:
    reactor = AsyncioSelectorReactor(loop)
    assert kept_after_a_while(loop, TimerSweep(0.02, reactor), reactor) == 0
    assert not reactor.getDelayedCalls(), "the sweep leaves a timer of its own behind"


def test_a_crawl_stopped_while_it_starts_leaves_no_timer(loop: asyncio.AbstractEventLoop) -> None:
    reactor = AsyncioSelectorReactor(loop)
    sweep = TimerSweep(0.02, reactor)
    sweep.stop()
    sweep.start()
    assert not reactor.getDelayedCalls()


def test_without_a_sweep_they_stay(loop: asyncio.AbstractEventLoop) -> None:
    """Where Twisted does this by itself one day, the component may go."""
    assert kept_after_a_while(loop, None, AsyncioSelectorReactor(loop)) == 500


def test_each_crawl_sweeps() -> None:
    assert (
        "crawlers.timers.TimerSweep"
        in crawl_settings([Portal(id="p", name="某县", family="static_paged", index_url="http://a.test/")])[
            "EXTENSIONS"
        ]
    )
