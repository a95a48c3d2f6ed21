"""When is nothing under way any more? Asked of the databases, as an observer would."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tests.chaos.stores import Edge, Store


def restless(stores: Mapping[str, Store], edges: tuple[Edge, ...],
             forgotten: Collection[str] = ()) -> list[str]:
    """What is still under way; empty at rest. Also says what stands still for good. ``forgotten``:
    digests of photos that a lost disk took along: that nobody has them is known after minutes."""
    found = []
    for node, store in stores.items():
        for link, state, waiting in store.rows(
            "SELECT l.link, l.state, (SELECT count(*) FROM outbox o WHERE o.link = l.link AND "
            "o.acked_at IS NULL) FROM link l"
        ):
            if waiting:
                found.append(f"{node}: {waiting} words wait on {link} ({state})")
        wanted = {digest.hex() for digest, in store.rows(
            "SELECT digest FROM blob WHERE state IN ('WANTED', 'PARTIAL')")}
        if n := len(wanted.difference(forgotten)):
            found.append(f"{node}: {n} photos under way")
        for what, sql in (
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
