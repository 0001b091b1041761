"""How a portal is met over https: strictly, or as an old server must be met where its entry says `tls: legacy`.

Belongs here: the permissive context and telling a TLS failure from others. Does not belong here: when to use it
(`middlewares`). Strict always comes first; a permissive context is for one portal's hosts and is said aloud, because
an answer over it may come from anybody on the way.
"""

from typing import Any, cast

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import _ScrapyCertificateOptions, _ScrapyClientContextFactory
from service_identity.exceptions import VerificationError
from twisted.internet.error import ConnectionClosed
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.web.iweb import IPolicyForHTTPS

__all__ = ["handshake_broke", "legacy_tls", "tls_problem"]

OLD_CIPHERS = b"ALL:@SECLEVEL=0"
"""Everything that OpenSSL still knows: short keys, SHA-1 signatures, TLS 1.0."""
RENEGOTIATION = 0x4 | 0x40000
"""SSL_OP_LEGACY_SERVER_CONNECT and SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, which have no names in pyOpenSSL."""


class _OldOptions(_ScrapyCertificateOptions):
    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:
        context = super()._makeContext(skipCiphers)
        context.set_cipher_list(OLD_CIPHERS)
        context.set_options(RENEGOTIATION)
        return context


class _LegacyTls(_ScrapyClientContextFactory):
    """Takes old protocols, weak ciphers and certificates that are expired, self-made or another host's."""

    def __init__(self) -> None:
        super().__init__(verify_certificates=False, tls_min_version=TLSVersion.TLSv1_0)

    def _get_cert_options(self) -> CertificateOptions:
        return _OldOptions(**self._get_cert_options_kwargs())


def legacy_tls() -> IPolicyForHTTPS:
    """The context for portals whose entry says `tls: legacy`."""
    return cast("IPolicyForHTTPS", _LegacyTls())


def handshake_broke(error: BaseException | None) -> bool:
    """Whether a connection ended without a word, as old servers end a handshake that they do not understand."""
    reasons: list[Any] = [error, getattr(error, "__cause__", None)]
    reasons += [reason.value for reason in getattr(getattr(error, "__cause__", None), "reasons", ())]
    return any(isinstance(reason, ConnectionClosed | SSL.SysCallError) for reason in reasons)


def tls_problem(error: BaseException | None) -> str | None:
    """Why the handshake failed, in OpenSSL's words; None for a failure of another kind."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        fault = waiting.pop()
        if fault is None or id(fault) in seen:
            continue
        seen.add(id(fault))
        if isinstance(fault, SSL.Error) and not isinstance(fault, SSL.SysCallError):  # that one is a broken connection
            return _words(fault)
        if isinstance(fault, VerificationError):
            return "the certificate is another host's"
        waiting += [fault.__cause__, fault.__context__, *(reason.value for reason in getattr(fault, "reasons", ()))]
    return None


def _words(error: SSL.Error) -> str:
    listed = error.args[0] if error.args else ()
    words = [str(part[-1]) for part in listed if isinstance(part, tuple) and part] if isinstance(listed, list) else []
    return "; ".join(dict.fromkeys(words)) or "the handshake failed"
