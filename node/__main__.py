"""``python -m node HOME``: one node alone in its process, without the command line beside it."""

from __future__ import annotations

import sys
from pathlib import Path

# A node draws nothing, but the logging library loads rich and its syntax highlighter (3 MiB)
# wherever they are installed. None says that in this process they are not.
sys.modules["rich"] = None  # type: ignore[assignment]
# Nor has it models of pydantic's first version, for which FastAPI looks at every route (1 MiB).
sys.modules["pydantic.v1"] = None  # type: ignore[assignment]

from node.main import serve  # noqa: E402


def main(home: Path, language: str) -> int:
    """Serve; when that fails, load the command line after all, to say why in words."""
    try:
        return serve(home)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody reads tracebacks
        del sys.modules["rich"]
        from node.cli.session import told

        return told(error, language)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "".join(sys.argv[2:3])))
