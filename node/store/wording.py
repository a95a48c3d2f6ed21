"""Texts of places and the pieces they are found by: an index of our own, the same on both
databases.

SQLite's trigram tokenizer and PostgreSQL's extension would give two behaviours and one more thing
to install; an ordinary table of (piece, text) gives one. A text is stored once, however many rows
carry it: two hundred thousand components have a few thousand different labels.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from hub.store.dialect import insert_ignore
from node.store.generations import in_force
from node.store.rows import Row, all_rows
from node.store.tables import address, component, grid, place_gram, place_text

IN_MAX = 500
_LABELS = {
    "address": (address, address.c.label),
    "component": (component, component.c.label),
    "grid": (grid, grid.c.name),
}
_ADD_TEXT = insert_ignore(place_text, ["layer", "text"])
_ADD_GRAM = insert_ignore(place_gram)


def known_texts(conn: Connection, layer: str, texts: Collection[str]) -> set[str]:
    """Those texts that are indexed already."""
    found: set[str] = set()
    every = list(texts)
    for at in range(0, len(every), IN_MAX):
        statement = select(place_text.c.text).where(
            place_text.c.layer == layer, place_text.c.text.in_(every[at : at + IN_MAX])
        )
        found.update(conn.execute(statement).scalars())
    return found


def add_texts(conn: Connection, layer: str, texts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Index texts with their pieces; what is known is left alone."""
    if not texts:
        return
    _ADD_TEXT.run(
        conn, [{"layer": layer, "text": text, "signs": len(cut)} for text, cut in texts]
    )
    ids: dict[str, int] = {}
    every = [text for text, _ in texts]
    for at in range(0, len(every), IN_MAX):
        statement = select(place_text.c.text, place_text.c.id).where(
            place_text.c.layer == layer, place_text.c.text.in_(every[at : at + IN_MAX])
        )
        ids.update((text, number) for text, number in conn.execute(statement))
    rows = [{"gram": gram, "text_id": ids[text]} for text, cut in texts for gram in cut]
    if rows:
        _ADD_GRAM.run(conn, rows)


def frequencies(conn: Connection, grams: Collection[str]) -> dict[str, int]:
    """Piece → in how many texts it occurs."""
    statement = (
        select(place_gram.c.gram, func.count())
        .where(place_gram.c.gram.in_(list(grams))).group_by(place_gram.c.gram)
    )
    return dict(conn.execute(statement).all())


def candidates(conn: Connection, grams: Collection[str], limit: int) -> Sequence[Row]:
    """layer text signs hits of texts that hold some of the pieces, most hits first, shorter texts
    before longer ones."""
    hits = (
        select(place_gram.c.text_id, func.count().label("hits"))
        .where(place_gram.c.gram.in_(list(grams)))
        .group_by(place_gram.c.text_id)
        .subquery()
    )
    statement = (
        select(place_text.c.layer, place_text.c.text, place_text.c.signs, hits.c.hits)
        .join(hits, hits.c.text_id == place_text.c.id)
        .order_by(hits.c.hits.desc(), place_text.c.signs, place_text.c.id)
        .limit(limit)
    )
    return all_rows(conn.execute(statement))


def labelled(conn: Connection, layer: str, text: str, limit: int) -> Sequence[Row]:
    """Rows of a layer (address, component, grid) that carry a text and are still there, by
    code."""
    table, column = _LABELS[layer]
    where = [in_force(table), column == text]
    if table is component:
        where.append(component.c.state != "removed")
    statement = select(table).where(*where).order_by(table.c.code).limit(limit)
    return all_rows(conn.execute(statement))


