"""Every row of the table of rivals, measured in one run and written to benchmarks/results.md.

    python benchmarks/rivals.py                 all rows
    python benchmarks/rivals.py epoch hessian   the rows whose names hold one of these words

Contenders take turns, so that a busy machine is busy for all; the median counts. A ratio is our
time divided by that of the fastest rival that the row names.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import closed_forms
import epochs
import filters
import numpy as np
import reach
from check_speed import machine
from timing import in_turn

from chainrule.errors import FileMissing

RESULTS = Path(__file__).with_name("results.md")
HERE = str(Path(__file__))
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True)
class Row:
    """One row: contenders (ours first), how many calls a round, the ratio wanted, of which.

    bound  begins the names of contenders that do only a part of the work, by NumPy: no limit of
           ours, but of what any program of NumPy can reach
    """

    name: str
    contenders: Callable[[], dict[str, Callable[[], object]]]
    wanted: float
    rounds: int = 5
    number: int = 1
    per: int = 1
    against: tuple[str, ...] = ()
    bound: str = "alone:"

    def measured(self) -> list[str]:
        try:
            contenders = self.contenders()
        except FileMissing as missing:
            return [self.name, "", str(missing).partition("\n")[0], "", f"{self.wanted}", ""]
        found = in_turn(contenders, self.rounds, self.number)
        (_, time), *others = found.items()
        bounds = {n: t for n, t in others if n.startswith(self.bound)}
        rivals = {n: t for n, t in others if n not in bounds}
        best = min(t for n, t in rivals.items() if not self.against or n in self.against)
        ratio = time / best
        told = ", ".join(f"{name} {shown(t / self.per)}" for name, t in others)
        mark = "yes" if ratio <= self.wanted else "no"
        if mark == "no":
            mark += "".join(f"; {name} {t / best:.2g}" for name, t in bounds.items())
        return [self.name, shown(time / self.per), told, f"{ratio:.3g}", f"{self.wanted}", mark]


def shown(seconds: float) -> str:
    size, unit = next((u for u in UNITS if seconds >= u[0]), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def numpy_epoch(case) -> dict:
    return {
        "chainrule": epochs.ours(case),
        "torch": epochs.torch_eager(case),
        "scikit-learn": epochs.scikit_learn(case),
        "alone: its matrix products": epochs.products(case),
    }


def jax_epoch(case) -> dict:
    return {"chainrule": epochs.ours(case, "jax"), "JAX by hand": epochs.jax_by_hand(case)}


def filters_epoch(case) -> dict:
    return {"chainrule": filters.ours(case), "torch": filters.torch_eager(case)}


def vocabulary_time() -> dict:
    found = {name: closed_forms.vocabulary(name) for name in ("chainrule", "torch")}
    return found | {"alone: its matrix products": closed_forms.vocabulary_products()}


def rows() -> list[Row]:
    found = []
    wanted = {"S": 0.35, "M": 0.75, "L": 0.85}
    for name, case in epochs.CASES.items():
        make = partial(numpy_epoch, case)
        found.append(Row(f"epoch {name}, NumPy engine", make, wanted[name], per=case.epochs))
    for name, case in epochs.CASES.items():
        make = partial(jax_epoch, case)
        found.append(Row(f"epoch {name}, JAX engine", make, 1.05, per=case.epochs))
    jax = ("jax.hessian, jit",)
    return [
        *found,
        *(
            Row(f"epoch, filters over {name}", partial(filters_epoch, case), 1.0, 3)
            for name, case in filters.CASES.items()
        ),
        Row("one step S as a call", closed_forms.step, 0.8, 7, 300),
        Row("Hessian, logistic 5000×200", closed_forms.logistic_hessian, 0.3, against=jax),
        Row("Hessian, softmax 1797×64×10", closed_forms.softmax_hessian, 0.3, against=jax),
        Row("Hessian ½‖T − UVᵀ‖² by U", closed_forms.factor_hessian, 0.01, against=jax),
        Row("Jacobian, softmax 256×100", each_jacobian, 0.6),
        Row("Jacobian, softmax 256×100, whole", whole_jacobian, 0.01, 2),
        Row("vocabulary 32,000: time", vocabulary_time, 1.0, 4),
        *(
            Row(f"time to {goal.accuracy} on {name}", partial(reach.contenders, name), 0.5)
            for name, goal in reach.GOALS.items()
        ),
    ]


def each_jacobian() -> dict:
    found = closed_forms.softmax_jacobian()
    return {name: call for name, call in found.items() if name != "jax.jacrev"}


def whole_jacobian() -> dict:
    found = closed_forms.softmax_jacobian()
    return {name: found[name] for name in ("chainrule", "jax.jacrev")}


def vocabulary_memory(engine: str, ours: str, *rivals: str) -> list[str]:
    """The peak of a process less what it held before the call, each in a process of its own."""
    found = {}
    for name in (ours, *rivals):
        command = [sys.executable, HERE, "--peak", name]
        found[name] = float(subprocess.run(command, capture_output=True, check=True).stdout)
    ratio = found[ours] / min(found[name] for name in rivals)
    told = ", ".join(f"{name} {found[name]:.0f} MB" for name in rivals)
    mark, work = "yes" if ratio <= 0.1 else "no", f"vocabulary 32,000: extra memory, {engine}"
    return [work, f"{found[ours]:.0f} MB", told, f"{ratio:.3g}", "0.1", mark]


def peak(name: str) -> float:
    """Megabytes that a call needs beyond inputs and both gradients."""
    call = closed_forms.vocabulary(name)
    _, features, words = closed_forms.VOCABULARY
    Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    held = call()
    after = kilobytes("VmHWM")
    del held
    return (after - before) / 1000 - (features + 1) * words * 4 / 1e6


def kilobytes(what: str) -> int:
    """Of this process, as Linux counts: held now (VmRSS), or most since the last reset (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def growth() -> list[str]:
    """The slope of log time against the log of examples, width and batch; 1 is linear."""
    from dataclasses import replace

    base, found = epochs.CASES["M"], []
    for name in ("examples", "hidden"):
        cases = [replace(base, epochs=1, **{name: getattr(base, name) * k}) for k in (1, 2, 4)]
        calls = {str(k): epochs.ours(case) for k, case in enumerate(cases)}
        seconds = list(in_turn(calls, 3).values())
        slope = np.polyfit(np.log([1, 2, 4]), np.log(seconds), 1)[0]
        found.append(f"{name} {slope:.2f}")
    return ["growth of epoch M: exponents", ", ".join(found), "", "", "", ""]


def product_peak() -> str:
    a = closed_forms.normal(2048, 2048)
    out = np.empty_like(a)
    seconds = in_turn({"product": lambda: np.dot(a, a, out=out)}, 5)["product"]
    return f"{2 * 2048**3 / seconds / 1e9:.0f} GFlop/s in a product of 2048 × 2048 matrices"


# What people wrote below the table stays; the figures in it are to be read again after a run.
REASONS = "Why ratios are not met"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--peak")
    options = parser.parse_args()
    if options.peak:
        print(peak(options.peak))
        return
    begin = time.time()
    table = [
        ["work", "chainrule", "rivals", "ratio", "wanted", "met"],
        ["---"] * 6,
    ]
    jobs = [(row.name, row.measured) for row in rows()]
    on_numpy = partial(vocabulary_memory, "NumPy", "chainrule", "torch", "jax")
    on_jax = partial(vocabulary_memory, "JAX", "chainrule, JAX", "jax")
    jobs += [("vocabulary memory", on_numpy), ("vocabulary memory, JAX", on_jax)]
    jobs.append(("growth", growth))
    for name, job in jobs:
        if not options.words or any(word in name for word in options.words):
            table.append(job())
            print(" | ".join(table[-1]), flush=True)
            if not options.words:
                write(table, begin)


def write(table: list[list[str]], begin: float) -> None:
    lines = [f"| {' | '.join(row)} |" for row in table]
    minutes = math.ceil((time.time() - begin) / 60)
    head = f"Measured by `make bench` in {minutes} minutes on {machine()}; {product_peak()}."
    told = RESULTS.read_text().partition(REASONS) if RESULTS.exists() else ("", "", "")
    reasons = ["".join(told[1:])] if told[1] else []
    RESULTS.write_text("\n".join(["# Beside the rivals", "", head, "", *lines, "", *reasons]))


if __name__ == "__main__":
    main()
