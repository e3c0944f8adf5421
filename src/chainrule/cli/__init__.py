"""The command: each file here is one command of it, listed in `COMMANDS`."""

from __future__ import annotations

import typer

from chainrule.cli.check import check
from chainrule.cli.derive import derive
from chainrule.cli.emit import emit
from chainrule.cli.evaluate import evaluate
from chainrule.cli.explain import explain
from chainrule.cli.options import note
from chainrule.cli.predict import predict
from chainrule.cli.train import train
from chainrule.errors import ChainruleError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Your derivation is the program: check, derive and train what a document defines.",
)

COMMANDS = (check, derive, train, predict, emit, evaluate, explain)

for command in COMMANDS:
    # An expression may begin with a minus sign, which is no option.
    open_ended = {"ignore_unknown_options": command is evaluate}
    app.command(context_settings=open_ended)(command)


def main() -> None:
    """Run the command; a user's mistake is one message and exit status 2, never a traceback."""
    try:
        app()
    except ChainruleError as mistake:
        note(mistake.render())
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
