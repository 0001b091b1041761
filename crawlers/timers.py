"""Timers that were called off and are thrown away: they would pile up while a crawl is busy.

Belongs here: that one component. Does not belong here: time-outs themselves, which Scrapy and Twisted set.

Each request and each idle connection has a timer, called off when the answer comes or the connection is used again.
Twisted throws such timers away when any timer comes due, and in a busy crawl none does for minutes.
"""

from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall

__all__ = ["TimerSweep"]

SECONDS = 2.0
"""Between two sweeps: as many timers as requests are made in this time may wait for one."""


class TimerSweep:
    """A Scrapy extension whose own timer comes due every few seconds, so that those called off are thrown away."""

    def __init__(self, seconds: float = SECONDS, reactor: Any = None) -> None:
        self._seconds = seconds
        self._is_over = False
        self._pulse = LoopingCall(int)  # nothing is to be done: that a timer comes due is enough
        if reactor is not None:
            self._pulse.clock = reactor

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The component of a crawler: it lives as long as the engine."""
        sweep = cls()
        crawler.signals.connect(sweep.start, signal=signals.engine_started)
        crawler.signals.connect(sweep.stop, signal=signals.engine_stopped)
        return sweep

    def start(self) -> None:
        """Begin; not where the crawl was stopped while it was starting."""
        if self._is_over:
            return
        self._pulse.start(self._seconds, now=False)

    def stop(self) -> None:
        """End for good, and leave no timer behind."""
        self._is_over = True
        if self._pulse.running:
            self._pulse.stop()
