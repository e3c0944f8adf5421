"""chainrule train: fit the network that a document defines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from chainrule import documents
from chainrule.cli.arguments import Option
from chainrule.cli.options import File, Format, Output, bytes_of, float_type, note, sizes_of
from chainrule.errors import BadOption

if TYPE_CHECKING:
    from chainrule.training.session import Session, Trained

SOURCES = "digits, fashion, a CSV, NPZ, NPY, Parquet or IDX file, or a folder of images"


@dataclass(frozen=True)
class Settings:
    """How to train; the names are those of the command line."""

    epochs: int = 50
    batch: int = 32
    rate: Annotated[float | None, Option("Learning rate.")] = None
    optimiser: Annotated[
        str, Option("sgd, momentum, adam, newton or gauss-newton.", short="--optimizer")
    ] = "adam"
    seed: int = 0
    l2: Annotated[float | None, Option("Weight of the squared norm.")] = None
    held_out: Annotated[float | None, Option("Part of the data kept for testing.")] = None
    dtype: Annotated[str, Option("float32 or float64.")] = "float32"
    engine: Annotated[str, Option("numpy or jax.")] = "numpy"
    devices: Annotated[int, Option("Devices of JAX to spread a batch over.")] = 1
    memory: Annotated[str, Option("For a step, and for the data in memory: 256MB.")] = "64MB"
    schedule: Annotated[str, Option("Of the rate: constant, linear, cosine or steps.")] = "constant"
    patience: Annotated[int | None, Option("Stop after so many epochs without progress.")] = None
    validation: Annotated[float | None, Option("Part of the examples that decides on that.")] = None
    checkpoint: Annotated[Path | None, Option("Keep everything here after each epoch.")] = None
    resume: Annotated[bool, Option("Go on from the checkpoint.")] = False
    class_weights: Annotated[str, Option("none, or balanced: classes count alike.")] = "none"

    def options(self) -> dict[str, Any]:
        """As `training.session.Options` has them."""
        found = asdict(self) | {"dtype": float_type(self.dtype), "memory": bytes_of(self.memory)}
        return found | {"learning_rate": found.pop("rate")}


def train(
    file: File,
    settings: Settings,
    data: Annotated[str, Option(f"{SOURCES}.")] = "digits",
    target: Annotated[str | None, Option("Column or array to predict.")] = None,
    weights: Annotated[str | None, Option("Column or array of examples' weights.")] = None,
    size: Annotated[list[str] | None, Option("A size, as H=64.")] = None,
    save: Annotated[Path | None, Option("Write the model (safetensors).")] = None,
    load: Annotated[Path | None, Option("Start from these weights.")] = None,
    log: Annotated[Path | None, Option("A line for each epoch, CSV or JSON.")] = None,
    plot: Annotated[Path | None, Option("A folder for plots (needs matplotlib).")] = None,
    pictures: Annotated[str, Option("Plots as svg or png.")] = "svg",
    format: Format = Output.text,
) -> None:
    """Train exactly the network that the document defines."""
    from chainrule.training.progress import EpochBar, logged

    suffix = _suffix(pictures)
    log_epoch = logged(log) if log is not None else None
    with EpochBar(settings.epochs, log_epoch) as bar:
        trained = documents.read(file).fit(
            data,
            target=target,
            weights=weights,
            size=sizes_of(size or []),
            save_to=save,
            load_from=load,
            **settings.options(),
            progress=bar,
            told=_tell,
        )
    if plot is not None:
        _plot(trained, plot, suffix)
    _print_trained(trained, save, format)
    if ended := _end(trained, settings.epochs):
        note(ended)
    if trained.fitted.interrupted:
        raise SystemExit(130)


def _end(trained: Trained, epochs: int) -> str | None:
    """Why training ended before its last epoch."""
    done, best = len(trained.fitted.history), trained.fitted.best
    if trained.fitted.interrupted:
        return f"interrupted; what {done} epochs have learnt is kept"
    if done < epochs and best is not None:
        return f"stopped after epoch {done}: the weights are those of epoch {best}, the best one"
    return f"stopped after step {done}: nothing more can be gained" if done < epochs else None


def _suffix(pictures: str) -> str:
    if pictures not in ("svg", "png"):
        raise BadOption(f"pictures are {pictures}", remedy="svg or png")
    return f".{pictures}"


def _plot(trained: Trained, folder: Path, suffix: str) -> None:
    from chainrule.training.plots import plot

    note(f"plots       {', '.join(map(str, plot(trained, folder, suffix)))}")


def _print_trained(trained: Trained, save: Path | None, format: Output) -> None:
    from chainrule.training.progress import vanishing

    if format is Output.json:
        print(json.dumps(trained.as_json(), ensure_ascii=False, indent=1))
    else:
        _print_figures(trained, save)
    names = [array.name for array in trained.network.roles.parameters if len(array.sizes) > 1]
    if warning := vanishing(trained.fitted.history, names):
        note(warning)


def _print_figures(trained: Trained, save: Path | None) -> None:
    right = "" if trained.accuracy is None else f"held-out accuracy {trained.accuracy:.4f}, "
    explained = trained.determination
    told = "" if explained is None else f", R² {explained:.4f}"
    print(f"{right}held-out loss {trained.loss:.4f}{told}")
    if explained is not None and explained < 0:
        note("the mean of the target predicts better: train longer, or by --optimiser gauss-newton")
    if save is not None:
        print(f"weights written to {save}")


def _tell(session: Session) -> None:
    """What was read off the document, on standard error."""
    from chainrule.training.stored import ByRows

    network = session.network
    roles = network.roles
    stored = isinstance(session.train.features, ByRows)
    shapes = ", ".join(f"{n} {'×'.join(map(str, s)) or 1}" for n, s in network.shapes.items())
    equations = ", ".join(definition.name for definition in roles.program.definitions)
    for line in (
        f"equations   {equations}",
        f"features    {roles.features.name}, target {roles.target.name},"
        f" prediction {roles.prediction}, loss {roles.loss}",
        f"parameters  {shapes}",
        f"examples    {len(session.train.features)} to learn from,"
        f" {len(session.test.features)} held out",
        *(["data        larger than --memory: read from the file in parts"] if stored else ()),
        *(f"data        {name} is not used" for name in session.train.unused),
        *(f"assumed     {sentence}" for sentence in network.assumed),
    ):
        note(line)
