"""What a failed request means, as an outcome and a sentence.

Belongs here: the one table from exceptions to outcomes. Does not belong here: retrying (`middlewares`).
"""

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed

from crawlers.archive.ledger import Outcome
from crawlers.politeness import NotAsked
from crawlers.tls import tls_problem
from crawlers.unpacking import CannotUnpack
from crawlers.validation import Finding

__all__ = ["judge_failure"]


AGAIN = "the next run asks again"
"""The way out where nobody has to do anything."""


def judge_failure(error: BaseException, host: str = "the host") -> Finding | None:
    """The outcome of a request that brought no response; None for an error of our own, which is never an outcome.

    Args:
        error: what was raised.
        host: which host was asked; the sentence names it, for it may stand under the address of another.
    """
    match error:
        case NotAsked():
            return Finding(error.outcome, error.reason)
        case DownloadCancelledError():
            return Finding(Outcome.TOO_LARGE, "the file is larger than the crawl accepts")
        case IgnoreRequest():  # Scrapy's own, raised when a packed body unpacks to more than the limit
            return Finding(Outcome.TOO_LARGE, f"the file unpacks to more than the crawl accepts ({error})")
        case DownloadTimeoutError():
            return Finding(Outcome.TIMEOUT, f"{host} did not answer in time; {AGAIN}")
        case CannotResolveHostError():
            sentence = (
                f"the name {host} is not known to the name servers: look whether this machine finds other names and "
                f"whether the portal has moved; {AGAIN}"
            )
            return Finding(Outcome.NETWORK_ERROR, sentence)
        case DownloadConnectionRefusedError():
            return Finding(Outcome.NETWORK_ERROR, f"{host} refuses connections: it may be down; {AGAIN}")
        case CannotUnpack():
            sentence = f"the answer of {host} says that it is packed, and cannot be unpacked; {AGAIN}"
            return Finding(Outcome.NETWORK_ERROR, sentence)
        case ResponseDataLossError():
            return Finding(Outcome.NETWORK_ERROR, f"the answer of {host} ended before it was complete; {AGAIN}")
        case UnsupportedURLSchemeError():
            return Finding(Outcome.NOT_FOLLOWED, "the address is neither http nor https")
        case _ if (problem := tls_problem(error)) is not None:
            sentence = (
                f"no safe connection to {host} ({problem}): if this portal is known for it, its entry may say tls: "
                "legacy"
            )
            return Finding(Outcome.NETWORK_ERROR, sentence)
        case TunnelError() | DownloadFailedError() | ConnectError() | ConnectionClosed():
            return Finding(Outcome.NETWORK_ERROR, f"the connection to {host} broke ({_short(error)}); {AGAIN}")
        case OSError():
            sentence = f"the connection to {host} could not be made ({_short(error)}); {AGAIN}"
            return Finding(Outcome.NETWORK_ERROR, sentence)
    return None


def _short(error: BaseException) -> str:
    # Twisted wraps what went wrong while an answer came; the wrapping says nothing.
    reasons = getattr(error, "reasons", None) or getattr(error.__cause__, "reasons", None)
    if reasons:
        inner = reasons[0].value
        is_closed = isinstance(inner, ConnectionClosed)
        return _short(inner) if is_closed else f"not HTTP as agreed: {type(inner).__name__} {_short(inner)}"
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
