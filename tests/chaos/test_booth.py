"""A cut of the veth is one of packets: nobody is told, and what was said arrives after it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys

import pytest

from tests.chaos.booth import BACK, THERE, Booth

ECHO = """
import socket, sys
server = socket.create_server((sys.argv[1], 0))
print(server.getsockname()[1], flush=True)
one, _ = server.accept()
while data := one.recv(64):
    one.sendall(data)
"""


def exchange(booth: Booth) -> None:
    """Whole, cut each way, whole again, on one connection."""
    with subprocess.Popen((*booth.command, sys.executable, "-c", ECHO, booth.inside),
                          stdout=subprocess.PIPE, text=True) as inside:
        assert inside.stdout is not None
        port = int(inside.stdout.readline())
        with socket.create_connection((booth.inside, port), 5) as line:
            line.settimeout(10)
            line.sendall(b"before")
            assert b"before" == line.recv(64)
            for way in (BACK, THERE):
                booth.cut(way)
                line.sendall(way.encode())
                line.settimeout(0.4)
                with pytest.raises(TimeoutError):
                    line.recv(64)
                booth.mend()
                line.settimeout(10)
                assert way.encode() == line.recv(64)


def allowed() -> bool:
    """Whether this root may make name spaces (in a container it often may not)."""
    made = subprocess.run(("ip", "netns", "add", "wmprobe"), capture_output=True, check=False)
    subprocess.run(("ip", "netns", "del", "wmprobe"), capture_output=True, check=False)
    return made.returncode == 0


def test_a_cut_one_way_holds_everything_until_it_is_mended() -> None:
    """Where name spaces cannot be made, that is what is said."""
    booth = Booth.make()
    if booth is None:
        assert os.geteuid() != 0 or shutil.which("ip") is None or not allowed(), (
            "name spaces can be made, and a booth cannot")
        return
    try:
        exchange(booth)
    finally:
        booth.remove()
