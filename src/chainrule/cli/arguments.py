"""A command is a function: its parameters are what it takes on the command line."""

from __future__ import annotations

import inspect
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from enum import StrEnum
from types import NoneType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from chainrule.errors import BadOption


@dataclass(frozen=True)
class Argument:
    """What a parameter is for; it is given by its position.

    signed  whether it may begin with a minus sign, as an expression may
    """

    help: str
    signed: bool = False


@dataclass(frozen=True)
class Option:
    """What a parameter is for; it is given by its name, `--held-out` for `held_out`.

    alone  what the name stands for where no value follows it; None where one must
    """

    help: str = ""
    short: str | None = None
    alone: str | None = None


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadOption(message, remedy=f"{self.prog} --help")


def call(command: Callable[..., None], given: Sequence[str]) -> None:
    """Calls a command with the arguments that a user gave.

    A parameter annotated with `Annotated[kind, Argument(…)]` is given by its position, any other
    by its name. The kinds are str, int, float, Path, bool (a flag), an enumeration, `list[str]`
    (given several times), and any of them or None; a dataclass stands for its fields.

    raises  BadOption

    >>> from typing import Annotated
    >>> def show(files: Annotated[list[str], Argument("Names.")], held_out: float = 0.25) -> None:
    ...     print(files, held_out)
    >>> call(show, ["a.md", "b.md", "--held-out", "0.5"])
    ['a.md', 'b.md'] 0.5
    """
    parser = _Parser(
        prog=f"chainrule {command.__name__}",
        description=inspect.getdoc(command),
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parameters = list(_parameters(command))
    for parameter, kind, about in parameters:
        if not is_dataclass(kind):
            _add(parser, parameter, kind, about)
    if any(isinstance(about, Argument) and about.signed for *_, about in parameters):
        # The parser takes what begins with a space for no option.
        given = [f" {one}" if _is_signed(one) else one for one in given]
    found = vars(parser.parse_args(given))
    command(**_values(command, found))


def _parameters(called: Callable) -> Iterator[tuple[inspect.Parameter, Any, Argument | Option]]:
    """What is given for a call, in order: parameter, kind, what is said of it."""
    hints = get_type_hints(called, include_extras=True)
    for name, parameter in inspect.signature(called).parameters.items():
        kind, about = _annotated(hints[name])
        yield parameter, kind, about
        if is_dataclass(kind):
            yield from _parameters(kind)


def _values(called: Callable, found: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(called, include_extras=True)
    values = {}
    for name in inspect.signature(called).parameters:
        kind, _ = _annotated(hints[name])
        values[name] = kind(**_values(kind, found)) if is_dataclass(kind) else None
        if values[name] is None:
            values[name] = _valued(kind, found[name])
    return values


def _annotated(hint: Any) -> tuple[Any, Argument | Option]:
    """The kind of a parameter, without None, and what is said of it."""
    about = Option()
    if hasattr(hint, "__metadata__"):
        hint, about = hint.__origin__, hint.__metadata__[0]
    others = [kind for kind in get_args(hint) if kind is not NoneType]
    is_optional = NoneType in get_args(hint)
    return others[0] if is_optional else hint, about


def _add(
    parser: ArgumentParser, parameter: inspect.Parameter, kind: Any, about: Argument | Option
) -> None:
    several = get_origin(kind) is list
    how: dict[str, Any] = {"help": about.help.replace("%", "%%")}
    if kind is bool:
        how["action"] = "store_true"
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        how["choices"] = [str(one) for one in kind]
    elif not several:
        how["type"] = str.strip if isinstance(about, Argument) and about.signed else kind
    if isinstance(about, Argument):
        parser.add_argument(parameter.name, nargs="+" if several else None, **how)
        return
    required = parameter.default is inspect.Parameter.empty
    if several:
        how["action"] = "append"
    if about.alone is not None:
        how |= {"nargs": "?", "const": about.alone}
    names = [name for name in (about.short, f"--{parameter.name.replace('_', '-')}") if name]
    if not required:
        how["default"] = parameter.default
        if parameter.default is not None and kind is not bool:
            how["help"] += f" (default {parameter.default})"
    parser.add_argument(*names, dest=parameter.name, required=required, **how)


def _is_signed(given: str) -> bool:
    """Whether this begins with a minus sign and is no option: those have two, but for `-h`."""
    return given.startswith("-") and not given.startswith("--") and given not in ("-", "-h")


def _valued(kind: Any, found: Any) -> Any:
    is_name = isinstance(kind, type) and issubclass(kind, StrEnum)
    return kind(found) if is_name and found is not None else found
