"""Style as a test: what a reviewer would otherwise have to say again each time.

Layering is held by import-linter, calls by ruff; this file holds what neither can see.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hub", "node", "adapters")
ENTRY_POINTS = {
    "node.main", "node.__main__", "node.cli", "node.cli.__main__", "node.core.diagram",
    "adapters.conformance",
    "adapters.rest.simulator", "adapters.file_drop.simulator", "adapters.human.simulator",
    "adapters.rest.adapter", "adapters.file_drop.adapter", "adapters.human.adapter",
}
"""Started by name (a script, a catalogue id), so nothing imports them."""
TIERS = {"city", "district", "street", "province", "nation", "unit"}


def tracked(*patterns: str) -> list[Path]:
    """Files git knows or would add, so that a file not yet committed is checked too."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def sources(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages or PACKAGES:
        for path in tracked(f"{package}/**/*.py", f"{package}/*.py"):
            if "_pb2" not in path.name:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_path_of_one_machine_and_no_index_url() -> None:
    banned = re.compile(
        r"(^|[^A-Za-z0-9_.])/(work|farm|root)/|--index-url|--extra-index|find-links")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yml", ".sh", ".html", ""}
        and path != Path(__file__)
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if banned.search(line)
    ]
    assert [] == found


def test_every_module_has_found_its_noun() -> None:
    banned = {"utils", "util", "misc", "helpers", "common", "manager"}
    assert [] == [name_of(path) for path, _ in sources() if path.stem in banned]


def test_every_module_says_why_it_exists() -> None:
    silent = [
        name_of(path) for path, tree in sources()
        if tree.body and ast.get_docstring(tree) is None and "/migrations/" not in str(path)
    ]
    assert [] == silent


def test_no_dead_modules() -> None:
    imported: set[str] = set()
    for path, tree in [*sources(), *sources("tests", "deploy")]:
        package = name_of(path).split(".")
        if path.name != "__init__.py":
            package = package[:-1]
        for item in ast.walk(tree):
            if isinstance(item, ast.Import):
                imported.update(alias.name for alias in item.names)
            elif isinstance(item, ast.ImportFrom):
                base = package[: len(package) - item.level + 1] if item.level else []
                stem = ".".join([*base, *([item.module] if item.module else [])])
                imported.add(stem)
                imported.update(f"{stem}.{alias.name}" for alias in item.names)
    dead = [
        name_of(path) for path, _ in sources()
        if path.name != "__init__.py" and "/migrations/" not in str(path)
        and name_of(path) not in imported | ENTRY_POINTS
    ]
    assert [] == dead


def test_no_tier_and_no_node_is_named_in_the_node() -> None:
    """Code branches on capability or address kind; a tier is a profile file."""
    named = [
        f"{name_of(path)}:{item.lineno} {item.value!r}"
        for path, tree in sources("node")
        for item in ast.walk(tree)
        if isinstance(item, ast.Compare)
        for item in [*item.comparators, item.left]
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
        and (item.value in TIERS or re.fullmatch(r"\d{6,9}", item.value))
    ]
    assert [] == named


def test_every_page_is_linked_from_the_index() -> None:
    docs = ROOT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in tracked("docs/**/*.md", "docs/*.md")}
    assert "index.md" in pages
    reached: set[str] = set()
    waiting = ["index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", (docs / page).read_text("utf-8")):
            path = ((docs / page).parent / target).resolve()
            assert path.exists(), f"docs/{page} links to {target}, which is not there"
            if path.is_relative_to(docs):
                waiting.append(path.relative_to(docs).as_posix())
    assert set() == pages - reached


def test_every_decision_record_has_its_parts() -> None:
    records = tracked("docs/adr/*.md")
    assert records
    for path in records:
        text = path.read_text("utf-8").lower()
        for part in ("status", "context", "decision", "consequences"):
            assert part in text, f"{path.name} says nothing under {part}"


def test_nothing_is_skipped_without_a_reason() -> None:
    """A skip hides what it names: each must carry a sentence, and there may be few."""
    marks = [
        (path, line.strip())
        for path in tracked("tests/**/*.py", "tests/*.py") if path != Path(__file__)
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"pytest\.(mark\.)?(skip|xfail)|pytest\.skip\(", line)
    ]
    assert [] == marks
