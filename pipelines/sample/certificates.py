"""Certificates for the sample portals: sound ones of an authority of the sample, and bad ones.

Belongs here: drawing them. Does not belong here: when a portal shows which (`server`).
"""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

__all__ = ["Authority"]

DAY = timedelta(days=1)


class Authority:
    """Signs certificates; whoever trusts `file` trusts the sound ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = rsa.generate_private_key(65537, 2048)
        now = datetime.now(UTC)
        name = _name("Sample authority")
        self._root = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, expired: bool = False, old: bool = False) -> ssl.SSLContext:
        """A server's TLS for a host.

        Args:
            host: the name in the certificate.
            expired: whether the certificate ended a month ago.
            old: TLS 1.1 at most, a key that is too short, and another host's name.
        """
        key = rsa.generate_private_key(65537, 1024 if old else 2048)  # the weakness is the point
        now = datetime.now(UTC)
        start, end = (now - 400 * DAY, now - 30 * DAY) if expired else (now - DAY, now + DAY)
        named = f"other.{host}" if old else host
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(named))
            .issuer_name(self._root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(named)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"{host}-{expired:d}{old:d}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if old:
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # what is old is meant to be
                context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.load_cert_chain(file)
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
