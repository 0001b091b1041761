"""Answers that come packed (`Content-Encoding`): unpacked, taken as they are, or asked for again.

Belongs here: what a portal's word about its packing is worth. Does not belong here: how often is asked again
(`middlewares.PatientRetry`, which the flags tell). Whatever a portal sends, it is a fact about the portal: bytes that
cannot be unpacked never end the crawl.
"""

import zlib

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Response

__all__ = ["CUT_SHORT", "PACKED", "CannotUnpack", "Unpacking", "glance"]

CUT_SHORT = "dataloss"
"""The flag, Scrapy's own, of an answer of which less came than was promised."""
PACKED = "packed"
"""The flag, beside that one, of an answer that cannot be unpacked."""
GZIP = b"\x1f\x8b"
ANY = 47
"""For zlib: gzip or zlib, whichever the bytes begin with."""
GLANCE = 4 * 4096
"""Bytes of an answer that are unpacked to see whether it is a refusal."""


class CannotUnpack(ResponseDataLossError):
    """An answer says that it is packed, and its bytes are not what it says."""


class Unpacking(HttpCompressionMiddleware):
    """Unpacks; what ends before its packing does is flagged as cut short, and so is what cannot be unpacked."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """The answer as it was before it was packed.

        Raises:
            IgnoreRequest: it unpacks to more than the crawl accepts.
        """
        if not response.body or _is_plain(response):
            response.headers.pop("Content-Encoding", None)
        encodings = _encodings(response)
        try:
            unpacked = super().process_response(request, response)
        except IgnoreRequest:
            raise
        except Exception:  # each unpacker has errors of its own, and none of them is ours
            return response.replace(flags=[*response.flags, CUT_SHORT, PACKED])
        if isinstance(unpacked, Response) and _encodings(unpacked) & {"br", "zstd", "compress", "x-compress"}:
            return unpacked.replace(flags=[*unpacked.flags, CUT_SHORT, PACKED])  # nobody asked for these
        if encodings & {"gzip", "x-gzip"} and isinstance(unpacked, Response):
            wrong = _wrong_with(response.body, len(unpacked.body))
            return unpacked.replace(flags=[*unpacked.flags, *wrong]) if wrong else unpacked
        return unpacked


def glance(response: Response) -> bytes:
    """The beginning of an answer as it was before it was packed; its bytes, where they cannot be unpacked."""
    if not _encodings(response) or _is_plain(response):
        return response.body
    try:
        return zlib.decompressobj(ANY).decompress(response.body, GLANCE)
    except zlib.error:
        return response.body


def _encodings(response: Response) -> set[str]:
    lines = response.headers.getlist("Content-Encoding")
    return {part.strip().lower() for line in lines for part in line.decode("latin-1").split(",")} - {"", "identity"}


def _is_plain(response: Response) -> bool:
    """Whether an answer says gzip and is none: some servers in front of a portal say so of everything."""
    return _encodings(response) <= {"gzip", "x-gzip"} and not response.body.startswith(GZIP)


def _wrong_with(packed: bytes, size: int) -> tuple[str, ...]:
    """The flags of gzip that broke off or is broken, of which so much could be unpacked.

    Its last four bytes state the size; only where they do not fit, it is looked at again.
    """
    if int.from_bytes(packed[-4:], "little") == size % (1 << 32):
        return ()
    reading = zlib.decompressobj(ANY)
    try:
        reading.decompress(packed, size + 1)
    except zlib.error:
        return CUT_SHORT, PACKED
    return () if reading.eof else (CUT_SHORT,)
