"""Which addresses are of this machine or of its own network."""

from __future__ import annotations

from ipaddress import ip_address


def is_at_home(host: str) -> bool:
    """Whether an address is of this machine or of a local network."""
    host = host.strip("[]").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".test", ".example", ".internal")):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        # A bare name is one of the own network.
        return "." not in host and host != ""
    return address.is_private or address.is_loopback
