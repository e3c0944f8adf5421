"""The command: chainrule check, derive, train, emit, explain."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chainrule import documents
from chainrule.checker.outputs import OUTPUTS
from chainrule.checking import check_files
from chainrule.errors import BadOption, ChainruleError

if TYPE_CHECKING:
    from chainrule.training.session import Session, Trained

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Your derivation is the program: check, derive and train what a document defines.",
)


class Output(StrEnum):
    """How results are printed."""

    text = "text"
    latex = "latex"
    json = "json"


CheckOutput = StrEnum("CheckOutput", list(OUTPUTS))
Files = Annotated[
    list[str],
    typer.Argument(help="Markdown, LaTeX, notebooks, or folders of them; - is standard input."),
]
File = Annotated[str, typer.Argument(help="A document; - is standard input.")]
Format = Annotated[Output, typer.Option("--format", help="text, latex or json.")]
Of = Annotated[str, typer.Option(help="What is differentiated, as J.")]
By = Annotated[str, typer.Option(help="By which symbols, as W_1,b_1.")]


def _note(text: str, style: str = "") -> None:
    """Print to standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, highlight=False).print(Text(text, style=style), soft_wrap=True)


@app.command()
def check(
    files: Files,
    format: Annotated[
        CheckOutput | None, typer.Option("--format", help="Default: by the name of --output.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the report to this file.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave out what was not read.")] = False,
    floats: Annotated[
        bool, typer.Option("--floats", help="Report what breaks in floating point.")
    ] = False,
    dtype: Annotated[str, typer.Option(help="float32, float64 or bfloat16.")] = "float32",
) -> None:
    """Judge every claim. Exit status 0: nothing wrong; 1: something is; 2: unusable input."""
    kind = dtype if floats else None
    status = check_files(files, format and str(format), output, _note, not quiet, kind)
    if status:
        raise typer.Exit(status)


@app.command()
def derive(
    file: File,
    of: Of,
    by: By,
    steps: Annotated[bool, typer.Option(help="Show every adjoint on the way.")] = False,
    format: Format = Output.text,
) -> None:
    """Gradients in closed form, in the document's own notation."""
    found = documents.read(file).derive(of, by)
    if format is Output.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return
    kind = "latex" if format is Output.latex else "text"
    lines = [step[kind] for step in found.steps()] if steps else []
    lines += [found.latex(v) if kind == "latex" else found.text(v) for v in found.by]
    for line in lines:
        print(line)
    if found.facts:
        _note(f"given {', '.join(found.facts)}", style="dim")
    for sentence in found.assumed:
        _note(sentence, style="dim")


@app.command()
def train(
    file: File,
    data: Annotated[str, typer.Option(help="digits, or a CSV or NPZ file.")] = "digits",
    target: Annotated[str | None, typer.Option(help="Column or array to predict.")] = None,
    size: Annotated[list[str] | None, typer.Option(help="A size, as H=64.")] = None,
    epochs: int = 50,
    batch: int = 32,
    rate: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    optimiser: Annotated[str, typer.Option(help="sgd, momentum or adam.")] = "adam",
    seed: int = 0,
    l2: Annotated[float | None, typer.Option(help="Weight of the squared norm.")] = None,
    held_out: Annotated[float, typer.Option(help="Part of the data kept for testing.")] = 0.25,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    save: Annotated[Path | None, typer.Option(help="Write weights (safetensors).")] = None,
    load: Annotated[Path | None, typer.Option(help="Start from these weights.")] = None,
    format: Format = Output.text,
) -> None:
    """Train exactly the network that the document defines."""
    from chainrule.training.progress import EpochBar

    document = documents.read(file)
    with EpochBar(epochs) as bar:
        trained = document.fit(
            data,
            target=target,
            size=_sizes(size or []),
            epochs=epochs,
            batch=batch,
            learning_rate=rate,
            optimiser=optimiser,
            seed=seed,
            l2=l2,
            held_out=held_out,
            dtype=_dtype(dtype),
            save_to=save,
            load_from=load,
            progress=bar,
            told=_tell,
        )
    _print_trained(trained, save, format)


def _print_trained(trained: Trained, save: Path | None, format: Output) -> None:
    if format is Output.json:
        print(json.dumps(trained.as_json(), ensure_ascii=False, indent=1))
        return
    right = "" if trained.accuracy is None else f"held-out accuracy {trained.accuracy:.4f}, "
    print(f"{right}held-out loss {trained.loss:.4f}")
    if save is not None:
        print(f"weights written to {save}")


def _tell(session: Session) -> None:
    """What was read off the document, on standard error."""
    network = session.network
    roles = network.roles
    shapes = ", ".join(f"{n} {'×'.join(map(str, s))}" for n, s in network.shapes.items())
    equations = ", ".join(definition.name for definition in roles.program.definitions)
    for line in (
        f"equations   {equations}",
        f"features    {roles.features.name}, target {roles.target.name},"
        f" prediction {roles.prediction}, loss {roles.loss}",
        f"parameters  {shapes}",
        f"examples    {len(session.train.features)} to learn from,"
        f" {len(session.test.features)} held out",
        *(f"assumed     {sentence}" for sentence in network.assumed),
    ):
        _note(line)


def _dtype(name: str) -> str:
    if name not in ("float32", "float64"):
        raise BadOption(f"dtype {name} is not known", remedy="float32 or float64")
    return name


def _sizes(options: list[str]) -> dict[str, int]:
    """`H=64` as a name and a number."""
    found = {}
    for option in (part for text in options for part in text.split(",")):
        name, sign, number = option.partition("=")
        if not sign or not number.strip().isdigit() or int(number) < 1:
            raise BadOption(f"--size {option} is not a size", remedy="write it as H=64")
        found[name.strip()] = int(number)
    return found


@app.command()
def emit(
    file: File,
    of: Of,
    by: By,
    to: Annotated[str, typer.Option(help="numpy.")] = "numpy",
) -> None:
    """Readable source that computes the loss of a batch and its gradients."""
    print(documents.read(file).emit(of, by, to))


# An expression may begin with a minus sign, which is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def evaluate(
    expression: Annotated[str, typer.Argument(help=r"One number, as \\log \\sum_i e^{z_i}.")],
    at: Annotated[str, typer.Option(help='Values as JSON, as {"z": [1, 2]}.')],
    by: Annotated[str | None, typer.Option(help="By which symbol.")] = None,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float64",
    format: Format = Output.text,
) -> None:
    """The value of an expression and its gradient, by stable compiled code."""
    from chainrule.single import evaluate_expression

    try:
        values = json.loads(at)
    except json.JSONDecodeError as reason:
        raise BadOption(f"--at is not JSON: {reason}", remedy='write {"z": [1, 2]}') from reason
    found = evaluate_expression(expression, values, by, _dtype(dtype))
    if format is Output.json:
        print(json.dumps(found))
        return
    for name, number in found.items():
        print(f"{name:<9} {number}")


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="A function, rule, verdict or error.")],
) -> None:
    """What a name in any output means."""
    from chainrule.explain import explain as explained

    print(explained(name))


def main() -> None:
    """Run the command; a user's mistake is one message and exit status 2, never a traceback."""
    try:
        app()
    except ChainruleError as mistake:
        _note(mistake.render())
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
