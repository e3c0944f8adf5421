"""What a network costs, against numbers counted by hand."""

import json

import pytest

import chainrule
from chainrule.cli import main
from chainrule.errors import BadOption, NoLoss, UnknownSymbol
from chainrule.program.count import Count
from chainrule.training.summary import summarise

SOFTMAX, SIGMOID = "examples/softmax_regression.md", "examples/sigmoid_network.md"
ATTENTION = r"""
Let $Q, K \in \mathbb{R}^{N \times D}$ and $V \in \mathbb{R}^{N \times M}$.

$$ S = Q K^\top, \qquad A = \text{softmax}(S), \qquad O = A V $$
"""


def summary(source, sizes=None, **options):
    return summarise(chainrule.read(source).reading, sizes, **options)


def counted(found):
    return {row.name: (row.operations.json(), row.memory.json()) for row in found.rows}


def test_softmax_regression_by_hand():
    """D = 4, K = 3, two examples: products, sums, and the stable log softmax."""
    found = summary(SOFTMAX, {"D": 4, "K": 3}, batch=2)
    loss = 2 * (2 + 3 + 3 + 2 + 1 + 3) + (6 + 5) + 1  # max, −, exp, Σ, log, −; Σ y log p; mean
    assert counted(found) == {
        "z": (2 * 3 * (4 + 3) + 2 * 3, 4 * 6),  # 4 products and 3 sums each, and the bias
        "p": (0, 0),  # only its logarithm is computed
        "J": (loss, 4),
        "∂J/∂z": (3 * 6, 4 * 6),  # a quotient, − y, the mean
        "∂J/∂W": (4 * 3 * (2 + 1), 4 * 12),  # over two examples
        "∂J/∂b": (3 * 1, 4 * 3),
    }
    assert found.total("parameters").json() == 4 * 3 + 3
    assert found.parameters == {"W": (4, 3), "b": (3,)}
    assert found.total("operations").json() == 48 + 40 + 18 + 36 + 3
    assert found.total("memory", "backward").json() == 4 * (6 + 12 + 3)


def test_open_sizes_stay_letters():
    found = summary(SIGMOID)
    assert str(found.total("parameters")) == "D H + H K + H + K"
    assert str(found.rows[0].operations) == "2 D H"
    sizes = {"D": 7, "H": 5, "K": 3}
    fixed = summary(SIGMOID, sizes)
    assert found.total("operations").at(sizes) == fixed.total("operations")
    assert fixed.total("parameters").json() == 7 * 5 + 5 + 5 * 3 + 3
    assert fixed.rows[0].parameters.json() == 7 * 5 + 5


def test_sizes_without_a_name_get_a_letter_and_may_be_given_by_a_symbol():
    text = r"$$ h = \tanh(x W + b) $$ $$ J = \sum_k (h_k - y_k)^2 $$"
    found = summary(text)
    assert str(found.total("parameters")) == "n₁ n₂ + n₁"
    assert "n₁ is the size of b" in found.assumed
    assert summary(text, {"x": 4, "h": 3}).total("parameters").json() == 15


def test_without_a_loss_the_forward_pass_is_counted():
    sizes = {"N": 3, "D": 5, "M": 2}
    found = summary(ATTENTION, sizes)
    assert counted(found) == {
        "S": (3 * 3 * 9, 36),
        "A": (3 * (2 + 3 + 3 + 2 + 3), 36),
        "O": (3 * 2 * 5, 24),
    }
    assert "forward only" in found.assumed[0]
    learned = summary(ATTENTION, sizes, inputs=["Q"])
    assert learned.parameters == {"K": (3, 5), "V": (3, 2)}


@pytest.mark.parametrize(
    "source, options, error",
    [
        ("$$ 1 + 1 = 2 $$", {}, NoLoss),
        (SIGMOID, {"sizes": {"Q": 3}}, BadOption),
        (ATTENTION, {"inputs": ["R"]}, UnknownSymbol),
    ],
)
def test_mistakes_are_named(source, options, error):
    with pytest.raises(error):
        summary(source, **options)


def test_counts_are_polynomials():
    count = 3 * Count.of(["N", 2, "N"]) + -1 * Count.of(["N"]) + Count.of([7])
    assert str(count) == "6 N² - N + 7"
    assert count.at({"N": 10}).json() == 597
    assert str(Count()) == "0" and Count().json() == 0
    assert str(Count.of(["N"]) + -1 * Count.of(["N"])) == "0"


def test_the_command_prints_a_table_and_json(monkeypatch, capsys):
    arguments = ["chainrule", "summary", SOFTMAX, "--size", "D=4,K=3", "--batch", "2"]
    monkeypatch.setattr("sys.argv", arguments)
    main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["shape", "parameters", "operations", "bytes"]
    assert "∂J/∂W     4 × 3                      36     48" in lines
    assert ["total", "15", "145", "112"] in [line.split() for line in lines]
    monkeypatch.setattr("sys.argv", [*arguments, "--format", "json"])
    main()
    found = json.loads(capsys.readouterr().out)
    assert found["total"]["parameters"] == 15
    assert found["definitions"][0] == {
        "name": "z",
        "pass": "forward",
        "shape": [2, 3],
        "parameters": 15,
        "operations": 48,
        "bytes": 24,
    }


def test_a_convolution_by_hand():
    """3 × 3 filters fit 6 × 6 times into 8 × 8, pooling leaves 3 × 3, and 2 × 2 filters 2 × 2."""
    found = summary("examples/convolution.md", {"C": 2, "D": 3})
    operations = {row.name: row.operations.json() for row in found.rows}
    forward = {
        "inside a": 2 * 36 * (9 + 8 + 1),  # products, sums, the bias
        "a": 2 * 36,
        "m": 2 * 9 * 3,
        "inside h": 3 * 4 * (8 + 7 + 1),
        "h": 3 * 4,
        "z": 10 * (12 + 11 + 1),
    }
    assert {name: operations[name] for name in forward} == forward
    cells = 2 * 9 * 4  # what pooling reads
    backward = {
        "∂J/∂h": 3 * 4 * (10 + 9),
        "∂J/∂inside h": 2 * 3 * 4,  # where the argument is positive, and a product
        "∂J/∂windows of m": 2 * 4 * 4 * (3 + 2),
        "∂J/∂m": 2 * 4 * 4,  # what windows share is added up
        # Maxima of two, twice: which is one, how many are; shares of ties; products.
        "∂J/∂windows of a": cells + 36 + 36 + 18 + 18 + 36 + 36 + cells,
        "∂J/∂a": cells,
        "∂J/∂F": 2 * 9 * (36 + 35),
        "∂J/∂G": 3 * 2 * 4 * (4 + 3),
        "∂J/∂b": 2 * 35,
    }
    assert {name: operations[name] for name in backward} == backward
    assert found.total("parameters").json() == 2 * 10 + 3 * 9 + 10 * 12 + 10


def test_a_head_of_attention_by_hand():
    text = r"""
Let $X \in \mathbb{R}^{T \times D}$,
$W_Q, W_K \in \mathbb{R}^{D \times E}$ and $w \in \mathbb{R}^{D}$.

$$ Q = X W_Q, \quad K = X W_K, \quad S = \frac{1}{\sqrt{E}} Q K^\top, \quad A = \text{softmax}(S) $$
$$ y = A X w, \qquad L = \frac{1}{2} \|y - t\|^2 $$
"""
    found = summary(text, {"T": 5, "D": 3, "E": 2}, inputs=["X", "t"])
    operations = {row.name: row.operations.json() for row in found.rows}
    assert {name: operations[name] for name in "QKSA"} == {
        "Q": 5 * 2 * (3 + 2),
        "K": 5 * 2 * (3 + 2),
        "S": 25 * (2 + 1) + 5 * 2,  # 1/√E multiplies the queries
        "A": 5 * (4 + 5 + 5 + 4 + 5),
    }
    assert operations["L"] == 5 + 5 + 4 + 1
    assert found.parameters == {"W_K": (3, 2), "W_Q": (3, 2), "w": (3,)}
    assert not any(row.name.startswith("inside") and row.shape == () for row in found.rows)


def test_sizes_are_given_by_their_letters():
    text = r"$$ h = \tanh(x W + b) $$ $$ J = \sum_k (h_k - y_k)^2 $$"
    assert summary(text, {"n1": 3, "n_2": 4}).total("parameters").json() == 15


def test_filters_are_no_examples():
    """D filters of 3 × 3 × 3 with a bias each: the D rows of K are nobody's examples."""
    text = r"""
$X \in \mathbb{R}^{C \times H \times W}$, $K \in \mathbb{R}^{D \times C \times R \times S}$
$$ Z_{d,p,q} = b_d + \sum_c \sum_{r=0}^{R-1} \sum_{s=0}^{S-1} K_{d,c,r,s} X_{c,p+r,q+s} $$
$$ L = \sum_{d,p,q} G_{d,p,q} Z_{d,p,q} $$
"""
    sizes = {"C": 3, "H": 8, "W": 8, "D": 4, "R": 3, "S": 3}
    assert summary(text, sizes).total("parameters").json() == 0
    found = summary(text, sizes, inputs=["X", "G"])
    assert found.total("parameters").json() == 4 * (27 + 1)
    assert counted(found)["Z"] == (4 * 36 * (27 + 26 + 1), 4 * 4 * 36)
