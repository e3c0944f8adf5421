"""Packages that are needed for one engine or kind of data only, imported when asked for."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from chainrule.errors import MissingPackage


def optional(module: str, extra: str, what: str) -> ModuleType:
    """A module of an optional package; MissingPackage says how to get it.

    extra  the extra of chainrule that brings it
    what   what it is needed for, as the start of a sentence
    """
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise MissingPackage(
            f"{what} needs the package {module.partition('.')[0]}, which is not installed",
            remedy=f"pip install 'chainrule[{extra}]'",
        ) from None
