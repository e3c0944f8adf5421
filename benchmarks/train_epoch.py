"""An epoch of training beside scikit-learn's MLPClassifier, in one run on the same data.

Both train one tanh layer and a softmax with cross-entropy by plain SGD, in float32, on the same
examples, batch size and learning rate, shuffled every epoch. chainrule trains the network of the
document below; scikit-learn has momentum and weight decay switched off. Measured is a whole call
that trains EPOCHS epochs, divided by EPOCHS, the two in turn; the median of ROUNDS such calls
counts. Each call starts from where it starts anyway: fresh weights here, `fit` there, and both
give the mean loss of their last epoch, which shows that they do the same work. BLAS has the same
number of threads for both.
"""

from __future__ import annotations

import os
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

import chainrule
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.fit import fit
from chainrule.training.initialise import initialise
from chainrule.training.sizing import network_for

DOCUMENT = r"""
The input $x \in \mathbb{R}^{1 \times D}$ is a row and the label $y$ is a one-hot row, with
$W_1 \in \mathbb{R}^{D \times H}$ and $W_2 \in \mathbb{R}^{H \times K}$.

$$
\begin{aligned}
h &= \tanh(x W_1 + b_1) \\
\hat{y} &= \text{softmax}(h W_2 + b_2) \\
J &= - \sum_k y_k \log \hat{y}_k
\end{aligned}
$$
"""

# features, hidden units, classes, batch, examples
CASES = ((64, 32, 10, 32, 1792), (784, 128, 10, 128, 10240))
EPOCHS, ROUNDS, RATE = 10, 7, 0.1


def examples(features: int, classes: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal features, and the class that a linear map of them picks."""
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((count, features), dtype=np.float32)
    return rows, (rows @ generator.standard_normal((features, classes))).argmax(axis=1)


def ours(rows, labels, hidden: int, batch: int) -> Callable[[], float]:
    """One call trains EPOCHS epochs and returns the last loss."""
    data = from_arrays(rows, labels)
    network = network_for(chainrule.read(DOCUMENT).reading, data, {"H": hidden})
    data = replace(data, target=one_hot(data.target, data.classes, np.float32))
    start = initialise(network.shapes, network.fan_in, network.activation, 0, np.float32)
    options = {"epochs": EPOCHS, "batch": batch, "learning_rate": RATE, "optimiser": "sgd"}
    return lambda: fit(network, data, **options, start=start).history[-1].loss


def theirs(rows, labels, hidden: int, batch: int) -> Callable[[], float]:
    model = MLPClassifier(
        (hidden,),
        activation="tanh",
        solver="sgd",
        alpha=0,
        batch_size=batch,
        learning_rate_init=RATE,
        momentum=0,
        nesterovs_momentum=False,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS + 1,
        random_state=0,
    )
    return lambda: model.fit(rows, labels).loss_curve_[-1]


def measured(calls: list[Callable[[], float]]) -> list[tuple[float, float]]:
    """(median milliseconds an epoch, last loss) of each call, after one call to warm up."""
    losses = [call() for call in calls]
    times = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, seconds in zip(calls, times, strict=True):
            begin = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begin)
    return [
        (1000 * statistics.median(seconds) / EPOCHS, loss)
        for seconds, loss in zip(times, losses, strict=True)
    ]


def main() -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"milliseconds an epoch, the median of {ROUNDS} runs of {EPOCHS} epochs; (last loss)")
    print(
        f"{'network':<12} {'batch':>5} {'threads':>7} {'chainrule':>18} {'scikit-learn':>18} ratio"
    )
    for features, hidden, classes, batch, count in CASES:
        rows, labels = examples(features, classes, count)
        calls = [make(rows, labels, hidden, batch) for make in (ours, theirs)]
        for threads in sorted({1, os.cpu_count() or 1}):
            with threadpool_limits(threads):
                (a, loss), (b, other_loss) = measured(calls)
            print(
                f"{f'{features}-{hidden}-{classes}':<12} {batch:>5} {threads:>7}"
                f" {f'{a:.2f} ({loss:.3f})':>18} {f'{b:.2f} ({other_loss:.3f})':>18} {a / b:.2f}"
            )


if __name__ == "__main__":
    main()
