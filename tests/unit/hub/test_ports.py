"""Ports for servers: each is given once before any is given again."""

from __future__ import annotations

import socket

from hub.ports import free_port, free_ports


def test_a_port_that_was_given_is_not_given_again_though_nobody_has_bound_it() -> None:
    given = [free_port() for _ in range(300)] + free_ports(20)
    assert len(set(given)) == len(given)


def test_a_port_on_which_somebody_listens_is_passed_over() -> None:
    here = free_port()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", here + 1))
        listening.listen()
        assert here + 1 not in free_ports(3)
