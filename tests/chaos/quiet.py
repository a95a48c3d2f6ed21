"""When is nothing under way any more? Asked of the databases, as an observer would."""

from __future__ import annotations

from collections.abc import Mapping

from tests.chaos.stores import Edge, Store


def restless(stores: Mapping[str, Store], edges: tuple[Edge, ...]) -> list[str]:
    """What is still under way; empty at rest. Also says what stands still for good."""
    found = []
    for node, store in stores.items():
        for link, state, waiting in store.rows(
            "SELECT l.link, l.state, (SELECT count(*) FROM outbox o WHERE o.link = l.link AND "
            "o.acked_at IS NULL) FROM link l"
        ):
            if waiting:
                found.append(f"{node}: {waiting} words wait on {link} ({state})")
        for what, sql in (
            ("photos under way", "SELECT count(*) FROM blob WHERE state IN ('WANTED', 'PARTIAL')"),
            ("adapter calls due", "SELECT count(*) FROM adapter_job WHERE next_try_at IS NOT NULL"),
        ):
            if n := store.count(sql):
                found.append(f"{node}: {n} {what}")
    for edge in edges:
        for speaker, hearer in ((edge.parent, edge.child), (edge.child, edge.parent)):
            out = stores[speaker].rows(
                "SELECT out_epoch, out_seq FROM link WHERE link = ?", edge.link)
            inn = stores[hearer].rows(
                "SELECT in_epoch, in_seq FROM link WHERE link = ?", edge.link)
            if out != inn:
                found.append(f"{edge.link}: {speaker} is at {out}, {hearer} has {inn}")
    return found
