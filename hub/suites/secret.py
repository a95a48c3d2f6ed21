"""What private keys have in common: they are not for showing and not for copying."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Base of whatever holds private bytes."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} does not leave the process")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
