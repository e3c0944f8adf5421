"""Documents as scikit-learn estimators: its own checks, copies, weights, partial fits."""

import pickle
import warnings

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from sklearn.datasets import load_iris  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import MinMaxScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

import chainrule  # noqa: E402
from chainrule.errors import ChainruleError  # noqa: E402

SOFTMAX = (
    r"Let $x \in \mathbb{R}^{1 \times D}$, $W \in \mathbb{R}^{D \times K}$ and"
    r" $b, y \in \mathbb{R}^{1 \times K}$."
    r" $$z = x W + b$$ $$p = \text{softmax}(z)$$ $$J = -\sum_k y_k \log p_k$$"
)
LINEAR = r"Let $x, w \in \mathbb{R}^D$. $$f = w^\top x + b, \quad J = (f - y)^2$$"
LOGISTIC = (
    r"Let $x, w \in \mathbb{R}^D$. $$p = \sigma(w^\top x + b)$$"
    r" $$J = -y \log p - (1 - y) \log(1 - p)$$"
)
IRIS = load_iris(return_X_y=True)


@parametrize_with_checks(
    [
        chainrule.Classifier(
            chainrule.read(SOFTMAX), learning_rate=0.05, epochs=30, random_state=0
        ),
        chainrule.Regressor(chainrule.read(LINEAR), learning_rate=0.2, epochs=60, random_state=0),
    ]
)
@pytest.mark.filterwarnings("ignore")
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_a_regressor_that_learnt_nothing_warns():
    X, y = np.random.default_rng(0).standard_normal((40, 2)), np.linspace(900, 1000, 40)
    with pytest.warns(ConvergenceWarning, match="mean of the target"):
        chainrule.Regressor(LINEAR, epochs=2).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chainrule.Regressor(LINEAR, epochs=60, learning_rate=0.2).fit(X, X @ [1.0, 2.0])


def test_copies_predict_the_same():
    model = chainrule.Classifier(SOFTMAX, epochs=5, random_state=0).fit(*IRIS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(IRIS[0]), model.predict_proba(IRIS[0]))


NUMBER = r"$x \in \mathbb{R}^D$, $w \in \mathbb{R}^D$ and $y \in \{0, 1\}$. $$z = w^\top x + b$$"
ROW = r"""$x \in \mathbb{R}^{1 \times D}$, $W \in \mathbb{R}^{D \times K}$, and
$y \in \mathbb{R}^{1 \times K}$ is one-hot. $$z = x W + b$$"""
SCORES = {
    "log-probabilities": ROW + r"$$\ell = z - \log \sum_k e^{z_k}$$ $$J = -\sum_k y_k \ell_k$$",
    "logits": ROW + r"$$J = \log \sum_k e^{z_k} - \sum_k y_k z_k$$",
    "values": ROW + r"$$J = \frac{1}{2} \|z - y\|^2$$",
    "one logit": NUMBER + r"$$J = \log(1 + e^z) - y z$$",
    "one value": NUMBER + r"$$J = \frac{1}{2} (z - y)^2$$",
}


@pytest.mark.parametrize("name", SCORES)
def test_probabilities_of_networks_whose_scores_are_none(name):
    rows, kinds = IRIS[0][:100], IRIS[1][:100]
    model = chainrule.Classifier(SCORES[name], learning_rate=0.05, epochs=60, random_state=0)
    model.fit(rows, kinds)
    chances = model.predict_proba(rows)
    assert chances.min() >= 0
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-6)
    assert model.score(rows, kinds) > 0.97
    parameters = model.model_.parameters
    if "logit" in name or name == "log-probabilities":
        scaled = (rows - rows.mean(0)) / rows.std(0)
        z = scaled @ parameters[("W", "w")[name == "one logit"]] + parameters["b"]
        odds = z if z.ndim == 1 else z[:, 1] - z[:, 0]
        np.testing.assert_allclose(chances[:, 1], 1 / (1 + np.exp(-odds)), rtol=2e-4, atol=1e-6)


def test_a_pipeline_and_a_grid():
    model = chainrule.Classifier(chainrule.read(SOFTMAX), epochs=40, random_state=0)
    search = GridSearchCV(model, {"learning_rate": [1e-6, 0.05]}, cv=3)
    found = make_pipeline(MinMaxScaler(), search).fit(*IRIS)
    assert search.best_params_ == {"learning_rate": 0.05}
    assert found.score(*IRIS) > 0.9


def test_names_of_classes_and_a_single_output():
    rows, kinds = IRIS[0][:100], np.array(["setosa", "versicolor"])[IRIS[1][:100]]
    model = chainrule.Classifier(LOGISTIC, learning_rate=0.05, random_state=0).fit(rows, kinds)
    assert model.predict(rows[[0, 99]]).tolist() == ["setosa", "versicolor"]
    assert model.predict_proba(rows).shape == (100, 2)


def test_passes_add_up():
    model = chainrule.Classifier(SOFTMAX, learning_rate=0.05, random_state=0)
    for _ in range(40):
        model.partial_fit(*IRIS, classes=[0, 1, 2])
    assert model.n_iter_ == 40
    assert model.score(*IRIS) > 0.9


def test_weights_shift_the_decision():
    heavy = np.where(IRIS[1] == 2, 50.0, 1.0)
    model = chainrule.Classifier(SOFTMAX, learning_rate=0.05, random_state=0)
    plain = (model.fit(*IRIS).predict(IRIS[0]) == 2).sum()
    assert (model.fit(*IRIS, sample_weight=heavy).predict(IRIS[0]) == 2).sum() > plain


def test_sparse_rows_and_unfit_documents_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"(?i)sparse"):
        chainrule.Classifier(SOFTMAX).fit(sparse.csr_matrix(IRIS[0]), IRIS[1])
    with pytest.raises(ChainruleError, match="3 classes"):
        chainrule.Classifier(LOGISTIC).fit(*IRIS)
