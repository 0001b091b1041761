"""Which host an address belongs to, and whether it is one of our own machines.

Belongs here: host names, ports, the machines behind a name. Does not belong here: which hosts a portal may use
(`registry`), and whose turn it is (`politeness`).
"""

import asyncio
import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["host_key", "hostname", "is_government", "is_local", "machines_of", "www_twin"]

LONGEST_LOOKUP = 10.0
"""Seconds. Whether two hosts share a machine is worth knowing, and no reason to hold a crawl up."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def hostname(host: str) -> str:
    """The name without a port: `127.0.0.1:8000` is `127.0.0.1`."""
    if host.startswith("["):
        return host[1:].split("]", 1)[0]
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() and ":" not in name else host


def is_local(host: str) -> bool:
    """Whether the host is this machine or the reserved `.test` domain, where nobody can be disturbed."""
    name = hostname(host).lower().rstrip(".")
    if name in ("localhost", "test") or name.endswith((".test", ".localhost")):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_government(host: str) -> bool:
    """Whether the host lies under .gov.cn."""
    name = hostname(host).lower().rstrip(".")
    return name == "gov.cn" or name.endswith(".gov.cn")


@lru_cache(maxsize=2048)
def host_key(url: str) -> str:
    """The host of an address as politeness and allow-lists count it, in lower case; empty where there is none.

    The port belongs to the name only on this machine: there, one port is one server. Elsewhere all ports of a name are
    one host, so that a portal answering on two ports is still asked one thing at a time.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not name:
        return ""
    if port is not None and port != DEFAULT_PORTS.get(parts.scheme) and is_local(name) and not name.endswith(".test"):
        return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return name


def www_twin(host: str) -> str:
    """The same host with or without `www.`: portals answer on both."""
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


async def machines_of(host: str) -> frozenset[str]:
    """The addresses of the machines that answer for a host.

    None on our own machines, where nobody can be disturbed; none behind a proxy, which does the looking up; and none
    where the name servers do not say.
    """
    name = hostname(host)
    if is_local(host) or (any(scheme in getproxies() for scheme in ("http", "https")) and not proxy_bypass(name)):
        return frozenset()
    loop = asyncio.get_running_loop()
    try:
        found = await asyncio.wait_for(loop.getaddrinfo(name, None, type=socket.SOCK_STREAM), LONGEST_LOOKUP)
    except (OSError, UnicodeError, TimeoutError):
        return frozenset()
    addresses = {str(place[4][0]) for place in found}
    return frozenset(address for address in addresses if not is_local(address.partition("%")[0]))
