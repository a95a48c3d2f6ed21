"""``python -m node HOME``: one node alone in its process, without the command line beside it."""

from __future__ import annotations

import sys
from pathlib import Path

# A node draws nothing, but the logging library loads rich and its syntax highlighter (3 MiB)
# wherever they are installed. None says that in this process they are not.
sys.modules["rich"] = None  # type: ignore[assignment]

from hub.errors import FabricError  # noqa: E402
from node.main import serve  # noqa: E402

REFUSED = 3
"""As the command line ends when a node refuses to start; the reason is in the log."""

if __name__ == "__main__":
    try:
        status = serve(Path(sys.argv[1]))
    except FabricError:
        status = REFUSED
    sys.exit(status)
