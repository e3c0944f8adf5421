"""Networks of convolutions and pooling, for tests: documents, and pictures that fit them."""

from dataclasses import replace

import numpy as np

import chainrule
from chainrule.training.data import from_arrays, one_hot
from chainrule.training.sizing import network_for

ENDING = r"""
$$ \hat{y} = \text{softmax}(z) $$
$$ J = - \sum_k y_k \log \hat{y}_k $$
where $y$ is one-hot.
"""

# Name → (document before its last lines, the shape of one picture, sizes to give).
NETWORKS = {
    "filters, the largest of squares, filters": (
        r"""$x \in \mathbb{R}^{8 \times 7}$
        $$ a_{c,p,q} = \text{relu}(\sum_{r=1}^{3} \sum_{s=1}^{2} F_{c,r,s} x_{p+r-1,q+s-1} + b_c) $$
        $$ m_{c,p,q} = \max_{1 \le r,s \le 2} a_{c,2p+r-2,2q+s-2} $$
        $$ h_{d,p,q} = \tanh(\sum_c \sum_{r,s=1}^{2} G_{d,c,r,s} m_{c,p+r-1,q+s-1} + e_d) $$
        $$ z_k = \sum_{d,p,q} V_{k,d,p,q} h_{d,p,q} + u_k $$""",
        (8, 7),
        {"b": 3, "e": 2},
    ),
    "the largest of squares apart, with some left over": (
        r"""$x \in \mathbb{R}^{9 \times 8}$
        $$ a_{c,p,q} = \tanh(\sum_{r,s=1}^{2} F_{c,r,s} x_{p+r-1,q+s-1}) $$
        $$ m_{c,p,q} = \max_{1 \le r,s \le 2} a_{c,3p+r-3,2q+s-2} $$
        $$ z_k = \sum_{c,p,q} V_{k,c,p,q} m_{c,p,q} $$""",
        (9, 8),
        {"F": 3},
    ),
    "as large as the picture, every second": (
        r"""$x \in \mathbb{R}^{6 \times 6}$
        $$ h_{c,p,q} = \tanh(\sum_{r,s=1}^{3} F_{c,r,s} x_{p+r-2,q+s-2}) $$
        $$ g_{c,p,q} = \tanh(\sum_{r,s=1}^{3} K_{c,r,s} h_{c,2p+r-3,2q+s-3}) $$
        $$ z_k = \sum_{c,p,q} V_{k,c,p,q} g_{c,p,q} $$""",
        (6, 6),
        {"V": 2},
    ),
    "a signal, a filter with holes": (
        r"""$x \in \mathbb{R}^{13}$
        $$ a_{c,p} = \tanh(\sum_{r=1}^{3} F_{c,r} x_{p+r-1}) $$
        $$ h_{p} = \tanh(\sum_c \sum_{r=1}^{3} w_{c,r} a_{c,p+2r-2}) $$
        $$ z_k = \sum_{p} V_{k,p} h_{p} + u_k $$""",
        (13,),
        {"F": 2},
    ),
    "colours": (
        r"""
        $$ h_{d,p,q} = \tanh(\sum_{c=1}^{C} \sum_{r,s=1}^{2} G_{d,c,r,s} x_{c,p+r-1,q+s-1}) $$
        $$ z_k = \sum_{d,p,q} V_{k,d,p,q} h_{d,p,q} $$""",
        (5, 6, 3),
        {"V": 2},
    ),
}


def network(name, count=5, dtype="float64", memory=64_000_000):
    """The network, parameters, and a batch of random pictures with their targets."""
    random = np.random.default_rng(3)
    text, shape, sizes = NETWORKS[name]
    labels = np.arange(count) % 3
    data = from_arrays(random.normal(size=(len(labels), *shape)), labels)
    document = "\n".join(line.strip() for line in text.splitlines()) + ENDING
    found = network_for(chainrule.read(document).reading, data, sizes, dtype=dtype)
    found = replace(found, memory=memory)
    parameters = {n: random.normal(size=s) / 2 for n, s in found.shapes.items()}
    return found, parameters, (data.features, one_hot(labels, data.classes))
