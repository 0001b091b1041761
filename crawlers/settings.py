"""Scrapy settings of a crawl. Manners are the default, and a portal can only be made slower.

Belongs here: the settings and their reasons. Does not belong here: anything about one family.
"""

import os
from collections.abc import Iterable
from typing import Any

from crawlers.hosts import host_key, is_local
from crawlers.registry import DEFAULT_DELAY_SECONDS, Portal

__all__ = [
    "AGENT_TOKEN",
    "CONTACT_VARIABLE",
    "crawl_settings",
    "default_contact",
    "delay_of",
    "stated_contact",
    "user_agent",
]

AGENT_TOKEN = "ogi-warehouse"
"""The name under which a portal's robots.txt may address us."""
CONTACT_VARIABLE = "OGI_CONTACT"
DEFAULT_CONTACT = "https://example.org/contact"
VERSION = "0.1"

MEGABYTE = 1024 * 1024
REQUESTS_PER_HOST = 2
"""Requests taken from the queue for each host: the one under way and the next. More would only wait, also for a host
that was stopped meanwhile."""


def default_contact() -> str:
    """Where a portal's operator can reach whoever runs this: OGI_CONTACT, an address or a mailbox."""
    return stated_contact() or DEFAULT_CONTACT


def stated_contact() -> str:
    """OGI_CONTACT; empty where nobody said who runs this."""
    return os.environ.get(CONTACT_VARIABLE, "").strip()


def user_agent(contact: str | None = None) -> str:
    """The honest name of this crawler, with a contact, in the form that search engines' crawlers use.

    Some portals reset the connection of any name that does not begin so; `compatible;` says that this is no browser.
    """
    about = f"{AGENT_TOKEN}/{VERSION}; +{contact or default_contact()}; research on open government information"
    return f"Mozilla/5.0 (compatible; {about})"


def delay_of(portal: Portal) -> float:
    """Seconds between two requests to a portal's hosts."""
    return portal.delay_seconds if is_local(portal.host) else max(portal.delay_seconds, DEFAULT_DELAY_SECONDS)


def crawl_settings(
    portals: Iterable[Portal],
    *,
    contact: str | None = None,
    timeout_seconds: float = 120.0,
    max_bytes: int = 64 * MEGABYTE,
    log_level: str = "WARNING",
) -> dict[str, Any]:
    """The settings for collecting these portals in one process.

    Args:
        portals: what will be collected; each host gets the longest delay that any of its portals asks for.
        contact: where operators can reach us; from OGI_CONTACT when left out.
        timeout_seconds: for one request from the first byte sent to the last received. Portals take 20 to 30 seconds at
            times.
        max_bytes: a larger body, packed or unpacked, is not taken.
        log_level: of the log on stderr.
    """
    delays: dict[str, float] = {}
    for portal in portals:
        for host in portal.allowed_hosts:
            delays[host] = max(delays.get(host, 0.0), delay_of(portal))
    own_hosts = {portal.host for portal in portals}
    return {
        "BOT_NAME": AGENT_TOKEN,
        "USER_AGENT": user_agent(contact),
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
            # Caches on the way must ask the portal: a conditional request is about the portal's state, not a cache's.
            "Cache-Control": "max-age=0",
        },
        # One request at a time for each host; `HostBook` holds the same across the spiders of the process.
        "CONCURRENT_REQUESTS": max(4, REQUESTS_PER_HOST * len(own_hosts)),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
        "DOWNLOAD_DELAY": DEFAULT_DELAY_SECONDS,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "DOWNLOAD_SLOTS": {host: {"concurrency": 1, "delay": delay, "jitter": 0.0} for host, delay in delays.items()},
        "DOWNLOAD_TIMEOUT": timeout_seconds,
        "DOWNLOAD_MAXSIZE": max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,  # `PatientRetry` judges what came short
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            "http": "crawlers.middlewares.PoliteHandler",
            "https": "crawlers.middlewares.PoliteHandler",
            "file": None,
            "ftp": None,
            "s3": None,
            "data": None,
        },
        # What a spider yields is asked for in its order; a hundred workers for each answer would only be set up.
        "CONCURRENT_ITEMS": 1,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "DOWNLOADER_STATS": False,  # the ledger counts
        # The spiders do these themselves, or they must not be done: no report is left out for its long address.
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
        },
        # Robots, retries and redirects end in the ledger, so they are ours (`middlewares`, `spiders.base`).
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,  # `CookieJar` keeps to each host, and looks no public suffix up
        "HTTPPROXY_ENABLED": True,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no portal is given a password
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
            "crawlers.middlewares.RobotsGate": 100,
            "crawlers.second_look.FreshLink": 520,
            **({"crawlers.browser.Browser": 525} if any(portal.browser for portal in portals) else {}),
            "crawlers.second_look.ImpostorGate": 530,
            "crawlers.second_look.StubGate": 540,
            "crawlers.middlewares.PatientRetry": 550,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawlers.unpacking.Unpacking": 590,
            "crawlers.middlewares.CookieJar": 700,
            "crawlers.middlewares.Proxy": 750,
        },
        "EXTENSIONS": {
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.remote_control.RemoteControl": None,  # a crawl opens no port
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawlers.middlewares.UpwardThrottle": 0,
            "crawlers.timers.TimerSweep": 0,
        },
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0.0,
        "AUTOTHROTTLE_MAX_DELAY": 60.0,
        # `Collection.meet` knows twins of an address; a fingerprint does not.
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": log_level,
        "LOG_FORMAT": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        "STATS_DUMP": False,
    }


def slot_of(url: str) -> str:
    """The queue in which a request waits: one for each host."""
    return host_key(url)
