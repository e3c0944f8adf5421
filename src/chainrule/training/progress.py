"""What training shows to a person while it runs, on standard error."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.training.fit import Epoch
from chainrule.training.weights import check_writable

VANISHING = 1e-4


class EpochBar:
    """A bar that `fit` calls after each epoch; one closing line stays when it is done.

    then  called with each epoch too

    Where standard error is no terminal there is the closing line only.

        with EpochBar(epochs) as bar:
            fit(network, train, test, epochs=epochs, progress=bar)
    """

    def __init__(
        self,
        epochs: int,
        then: Callable[[Epoch], None] | None = None,
        console: Console | None = None,
    ):
        self._then = then
        self._console = console or Console(stderr=True)
        self._epochs = epochs
        self._last: Epoch | None = None
        self._bar = Progress(
            TextColumn("training"),
            BarColumn(),
            TextColumn("{task.fields[measured]}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("training", total=epochs, measured="")

    def __enter__(self) -> EpochBar:
        self._bar.start()
        return self

    def __call__(self, epoch: Epoch) -> None:
        self._last = epoch
        self._bar.update(self._task, completed=epoch.epoch, measured=self._text(epoch))
        if self._then is not None:
            self._then(epoch)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._last is not None:
            # Without soft wrap a narrow terminal or a pipe would break the line.
            line = self._text(self._last)
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _text(self, epoch: Epoch) -> str:
        parts = [f"epoch {epoch.epoch}/{self._epochs}", f"loss {epoch.loss:.4f}"]
        if epoch.held_out_loss is not None:
            parts.append(f"held-out loss {epoch.held_out_loss:.4f}")
        if epoch.held_out_accuracy is not None:
            parts.append(f"held-out accuracy {epoch.held_out_accuracy:.4f}")
        return "  ".join(parts)


def logged(path: Path) -> Callable[[Epoch], None]:
    """Writes a line for each epoch: CSV, or JSON where the name of the file ends in .json(l).

    raises  BadOption where the file cannot be written
    """
    check_writable(path)
    path.write_text("")

    def write(epoch: Epoch) -> None:
        record = asdict(epoch)
        with path.open("a", newline="") as file:
            if path.suffix in (".json", ".jsonl"):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                return
            sizes = record.pop("gradients")
            record |= {f"gradient of {name}": size for name, size in sizes.items()}
            writer = csv.DictWriter(file, list(record), lineterminator="\n")
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(record)

    return write


def vanishing(history: Sequence[Epoch], parameters: Sequence[str]) -> str | None:
    """A sentence where the first weights, in the order of use, hardly get a gradient.

    The root mean square at the end of the first epoch is compared with that of the last weights.
    """
    sizes = history[0].gradients if history else {}
    told = [name for name in parameters if name in sizes]
    if len(told) < 2 or not sizes[told[-1]]:
        return None
    first, last = told[0], told[-1]
    ratio = sizes[first] / sizes[last]
    if ratio >= VANISHING:
        return None
    return (
        f"the gradient vanishes on the way back: that of {first} is {ratio:.0e} of that of {last}; "
        "use relu, tanh or fewer layers, or start from larger weights"
    )
