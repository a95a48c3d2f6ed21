"""A network name space of its own for one node, behind a real veth that can be cut one way.

A proxy cuts streams; this cuts packets, below TCP and below the proxy: the kernels of both ends go
on sending and are told nothing. One direction is cut by a permanent neighbour entry with a hardware
address that nobody has, which needs neither a firewall nor netem in the kernel. Only as root with
iproute2; elsewhere ``make`` says no, and the run says that it was left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

NOBODY = "02:00:00:00:00:99"
"""A locally administered hardware address that no interface here has."""
THERE, BACK = "there", "back"
"""From the node to the others, and from them to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booth:
    """``name`` is that of the name space; addresses are of the range for benchmarks (RFC 2544)."""

    name: str
    outside: str
    inside: str

    @classmethod
    def make(cls) -> Booth | None:
        """None where name spaces or veths cannot be made."""
        if shutil.which("ip") is None or os.geteuid() != 0:
            return None
        number = os.getpid() % 0x7F00
        net = f"198.{18 + (number >> 14 & 1)}.{number >> 6 & 0xFF}"
        low = (number & 0x3F) * 4
        booth = cls(name=f"wm{os.getpid()}", outside=f"{net}.{low + 1}", inside=f"{net}.{low + 2}")
        for command in booth._steps():
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                booth.remove()
                return None
        return booth

    def _steps(self) -> list[tuple[str, ...]]:
        out, into = f"{self.name}o", f"{self.name}i"
        return [
            ("ip", "netns", "add", self.name),
            ("ip", "link", "add", out, "type", "veth", "peer", "name", into),
            ("ip", "link", "set", into, "netns", self.name),
            ("ip", "addr", "add", f"{self.outside}/30", "dev", out),
            ("ip", "link", "set", out, "up"),
            (*self.command, "ip", "addr", "add", f"{self.inside}/30", "dev", into),
            (*self.command, "ip", "link", "set", into, "up"),
            (*self.command, "ip", "link", "set", "lo", "up"),
        ]

    @property
    def command(self) -> tuple[str, ...]:
        """What a command begins with, to run inside."""
        return ("ip", "netns", "exec", self.name)

    def cut(self, *ways: str) -> None:
        """Let nothing through in these directions."""
        for way in ways:
            subprocess.run(
                (*self._neighbour("replace", way), "lladdr", NOBODY, "nud", "permanent"),
                capture_output=True, check=True)

    def mend(self, *ways: str) -> None:
        """Everything passes again; the kernel asks anew who the neighbour is."""
        for way in ways or (THERE, BACK):
            subprocess.run(self._neighbour("del", way), capture_output=True, check=False)

    def _neighbour(self, what: str, way: str) -> tuple[str, ...]:
        if way == THERE:
            return (*self.command, "ip", "neigh", what, self.outside, "dev", f"{self.name}i")
        return ("ip", "neigh", what, self.inside, "dev", f"{self.name}o")

    def remove(self) -> None:
        """Take it down; the veth goes with it."""
        subprocess.run(("ip", "netns", "del", self.name), capture_output=True, check=False)
        subprocess.run(("ip", "link", "del", f"{self.name}o"), capture_output=True, check=False)
