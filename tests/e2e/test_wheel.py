"""What is installed is whole: a wheel in a fresh environment makes a node in an empty folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "README.md", "hub", "node", "adapters")
BESIDE_CODE = (
    "node/profiles/city.toml", "node/profiles/unit.toml", "node/edge/pages/form.html",
    "adapters/rest/manifest.toml", "adapters/rest/example-mapping.toml",
    "adapters/human/manifest.toml", "adapters/file_drop/quality.toml",
    "node/store/migrations/env.py", "hub/v1/envelope_pb2.pyi",
)
"""One of each kind of file that is no module."""
STEP_S = 120


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment or None, capture_output=True,
        text=True, timeout=STEP_S, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: building leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
        "--no-build-isolation", "--wheel-dir", folder, source, cwd=folder)
    (made,) = folder.glob("wanmi-*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_holds_what_lies_beside_the_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set(BESIDE_CODE) <= names
    assert not [name for name in names if name.startswith(("tests/", "deploy/", "docs/"))]


@pytest.mark.slow
def test_an_installed_program_makes_a_node_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    fresh, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(fresh, with_pip=False)
    python = fresh / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", wheel, cwd=empty)
    # Its libraries are ours; the program itself is only in the fresh environment.
    libraries = {"PYTHONPATH": sysconfig.get_path("purelib"), "LANG": "en_GB.UTF-8"}
    where = run(python, "-c", "import node; print(node.__path__[0])", cwd=empty, **libraries)
    assert Path(where.strip()).is_relative_to(fresh)

    wanmi = fresh / "bin" / "wanmi"
    for profile in ("city", "district", "street", "unit"):
        made = json.loads(run(
            wanmi, "init", "--home", empty / profile, "--id", "420200", "--profile", profile,
            "--json", cwd=empty, **libraries))
        assert made["token"].startswith("wanmi_")
    found = json.loads(run(
        wanmi, "doctor", "--home", empty / "city", "--json", cwd=empty, **libraries))
    assert {"ok"} == {one["level"] for one in found["findings"]}, found
    run(python, "-c", "from node.edge.forms import Pages; Pages()", cwd=empty, **libraries)
