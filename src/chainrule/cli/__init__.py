"""The command: each file here is one command of it, listed in `COMMANDS`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from chainrule.cli.arguments import call
from chainrule.cli.options import note
from chainrule.errors import BadOption, ChainruleError, ProgramMistake, unexpected

COMMANDS = (
    "check",
    "derive",
    "train",
    "predict",
    "emit",
    "summary",
    "evaluate",
    "stabilise",
    "explain",
)


def main() -> None:
    """Run the command; a user's mistake is one message and exit status 2, never a traceback."""
    try:
        _run(sys.argv[1:])
    except ChainruleError as mistake:
        note(mistake.render())
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as mistake:
        note(ProgramMistake(unexpected(mistake)).render())
        raise SystemExit(2) from None


def _run(given: Sequence[str]) -> None:
    if not given or given[0] in ("-h", "--help"):
        print(_overview())
    elif given[0] not in COMMANDS:
        raise BadOption(f"there is no command {given[0]}", remedy=f"one of {', '.join(COMMANDS)}")
    else:
        call(_command(given[0]), given[1:])


def _command(name: str) -> Callable[..., None]:
    """The function that a file here is named after; the file is imported when it is asked for."""
    return getattr(import_module(f"chainrule.cli.{name}"), name)


def _overview() -> str:
    """Each command with the first sentence about it."""
    width = max(map(len, COMMANDS))
    sentences = {name: inspect.getdoc(_command(name)).splitlines()[0] for name in COMMANDS}
    return "\n".join(
        [
            "usage: chainrule COMMAND ... (chainrule COMMAND --help tells more)",
            "",
            "Your derivation is the program: check, derive and train what a document defines.",
            "",
            *(f"  {name:<{width}}  {sentence}" for name, sentence in sentences.items()),
        ]
    )
