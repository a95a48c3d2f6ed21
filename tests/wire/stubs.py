"""Generate the committed protobuf stubs: ``python -m tests.wire.stubs``.

They are committed so that a node installs without a compiler; ``test_proto.py`` proves them fresh.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"


def generate(target: Path) -> None:
    """Write ``*_pb2.py``, ``*_pb2.pyi`` and ``*_pb2_grpc.py`` for every proto below ``target``."""
    from grpc_tools import protoc

    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    status = protoc.main(
        ["protoc", f"-I{PROTO}", f"-I{files('grpc_tools') / '_proto'}", f"--python_out={target}",
         f"--pyi_out={target}", f"--grpc_python_out={target}", *sources]
    )
    if status != 0:
        raise SystemExit(f"protoc failed with status {status}")
    # A file without a service gives an empty gRPC stub: nobody imports it.
    for stub in target.rglob("*_pb2_grpc.py"):
        if "Stub" not in stub.read_text():
            stub.unlink()


def descriptors() -> bytes:
    """The serialised FileDescriptorSet of everything below ``proto/``."""
    import tempfile

    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set.binpb"
        sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
        status = protoc.main(["protoc", f"-I{PROTO}", f"--descriptor_set_out={out}", *sources])
        if status != 0:
            raise SystemExit(f"protoc failed with status {status}")
        return out.read_bytes()


if __name__ == "__main__":
    generate(ROOT)
    sys.stdout.write("stubs written to hub/v1 and node/v1\n")
