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


def judge_failure(error: BaseException) -> Finding | None:
    """The outcome of a request that brought no response; None for an error of our own, which is never an outcome."""
    match error:
        case NotAsked():
            return Finding(error.outcome, error.reason)
        case DownloadCancelledError():
            return Finding(Outcome.TOO_LARGE, "the file is larger than the crawl accepts")
        case IgnoreRequest():  # Scrapy's own, raised when a packed body unpacks to more than the limit
            return Finding(Outcome.TOO_LARGE, f"the file unpacks to more than the crawl accepts ({error})")
        case DownloadTimeoutError():
            return Finding(Outcome.TIMEOUT, "the portal did not answer in time")
        case CannotResolveHostError():
            return Finding(Outcome.NETWORK_ERROR, "the host's name is not known to the name servers")
        case DownloadConnectionRefusedError():
            return Finding(Outcome.NETWORK_ERROR, "the host refuses connections")
        case CannotUnpack():
            return Finding(Outcome.NETWORK_ERROR, "the answer says that it is packed, and cannot be unpacked")
        case ResponseDataLossError():
            return Finding(Outcome.NETWORK_ERROR, "the answer ended before it was complete")
        case UnsupportedURLSchemeError():
            return Finding(Outcome.NOT_FOLLOWED, "the address is neither http nor https")
        case _ if (problem := tls_problem(error)) is not None:
            sentence = f"no safe connection ({problem}): if this portal is known for it, its entry may say tls: legacy"
            return Finding(Outcome.NETWORK_ERROR, sentence)
        case TunnelError() | DownloadFailedError() | ConnectError() | ConnectionClosed():
            return Finding(Outcome.NETWORK_ERROR, f"the connection broke ({_short(error)})")
        case OSError():
            return Finding(Outcome.NETWORK_ERROR, f"the connection could not be made ({_short(error)})")
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
