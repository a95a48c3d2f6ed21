"""Words in lines of a screen's width; a Chinese character is two cells wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def width() -> int:
    """Cells of the terminal, 80 where nobody watches."""
    from rich.console import Console

    return Console().width


def cells(text: str) -> int:
    """How wide a text stands on the screen, in cells."""
    from rich.cells import cell_len

    return cell_len(text)


def laid(pieces: Iterable[str], room: int, *, indent: int) -> list[str]:
    """The pieces in lines of at most ``room`` cells, two spaces between them. A piece is broken
    only if it alone is wider than a line."""
    from rich.cells import chop_cells

    margin, lines, line = " " * indent, list[str](), ""
    for piece in pieces:
        for part in chop_cells(piece, room - indent) if cells(piece) > room - indent else [piece]:
            joined = f"{line}  {part}" if line else part
            if line and cells(joined) > room - indent:
                lines.append(margin + line)
                line = part
            else:
                line = joined
    return [*lines, margin + line] if line else lines


def records(titles: Sequence[str], rows: Iterable[Sequence[str]], room: int) -> list[str]:
    """A table that is too wide, row by row: the first cell leads, the others stand below it with
    their titles. Cells without a value are left out."""
    lines: list[str] = []
    for first, *rest in rows:
        lines.append(first)
        pieces = [f"{title} {cell}" for title, cell in zip(titles[1:], rest, strict=True)
                  if cell != "-"]
        lines.extend(laid(pieces, room, indent=2))
    return lines
