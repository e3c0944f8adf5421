"""The forms that a person would write, and the documents and questions that lead to them."""

# ruff: noqa: E501

from dataclasses import dataclass

import chainrule
from chainrule.documents import derive_expression
from chainrule.notation.answers import Request


@dataclass(frozen=True)
class Wanted:
    """A question and its answer; `document` is empty where the question is an expression."""

    name: str
    document: str
    of: str
    by: str
    printed: tuple[str, ...]
    kind: str | None = None
    manner: str | None = None
    vector: str = "v"


ROWS = r"Vectors are rows. $$ \sigma = \text{softmax}(x) $$"
COLUMNS = r"Vectors are columns. $$ s = \text{softmax}(x) $$"
LOGS = r"Vectors are rows. $$ \sigma = \text{softmax}(x) $$ $$ z = \log \sigma $$"
NETWORK = r"""
Vectors are rows. The label $y$ is one-hot. $x \in \mathbb{R}^{1 \times D}$, $W_1 \in \mathbb{R}^{D \times H}$,
$W_2 \in \mathbb{R}^{H \times K}$, $b_1 \in \mathbb{R}^{1 \times H}$, $b_2 \in \mathbb{R}^{1 \times K}$.
$$ \phi = x W_1 + b_1 $$
$$ h = \sigma(\phi) $$
$$ \theta = h W_2 + b_2 $$
$$ \hat{y} = \text{softmax}(\theta) $$
$$ J = - \sum_k y_k \log \hat{y}_k $$
"""
SOFTPLUS = r"""
Column vectors: $x \in \mathbb{R}^{d}$, $w^{(1)} \in \mathbb{R}^{p \times d}$,
$b^{(1)} \in \mathbb{R}^{p}$, $w^{(2)} \in \mathbb{R}^{m \times p}$, $b^{(2)} \in \mathbb{R}^{m}$.
$$ h^a = w^{(1)} x + b^{(1)} $$
$$ h^s = \text{softplus}(h^a) $$
$$ o^a = w^{(2)} h^s + b^{(2)} $$
$$ o^s = \text{softmax}(o^a) $$
$$ L(x, y) = -\log o^s_y $$
"""
BATCH = r"""
$X \in \mathbb{R}^{N \times D}$, $W \in \mathbb{R}^{D \times K}$, $b \in \mathbb{R}^{1 \times K}$, and each row
of $Y \in \mathbb{R}^{N \times K}$ is one-hot.
$$ Z = X W + \mathbf{1} b $$
$$ P = \text{softmax}(Z) $$
$$ J = - \sum_n \sum_k Y_{nk} \log P_{nk} $$
"""
CROSS = r"""
Vectors are rows. The entries of $y$ sum to 1.
$$ \hat{y} = \text{softmax}(\theta) $$
$$ J = -\sum_k y_k \log \hat{y}_k $$
"""
SYMMETRIC = r"""
Let $A \in \mathbb{R}^{D \times D}$ be symmetric and $x \in \mathbb{R}^D$. $$ q = x^\top A x $$
"""
COVARIANCE = r"""
Let $\Sigma \in \mathbb{R}^{D \times D}$ be the covariance matrix and $x, \mu \in \mathbb{R}^D$.
$$ L = \frac{1}{2} (x - \mu)^\top \Sigma^{-1} (x - \mu) + \frac{1}{2} \log \det \Sigma $$
"""
QUANTILE = r"""
Vectors are columns, $0 < \tau < 1$, $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $y \in \mathbb{R}^N$.
$$ r = y - X w $$
$$ J = \sum_i \max(\tau r_i, (\tau - 1) r_i) $$
"""
LOGISTIC = r"""
Column vectors: $w \in \mathbb{R}^D$, $y \in \mathbb{R}^N$; $X \in \mathbb{R}^{N \times D}$.
$$ p = \sigma(X w) $$
$$ J = -\sum_n (y_n \log p_n + (1 - y_n) \log(1 - p_n)) $$
"""
REGRESSION = r"""
Vectors are rows. The label $y \in \mathbb{R}^{1 \times K}$ is one-hot. $x \in \mathbb{R}^{1 \times D}$,
$W \in \mathbb{R}^{D \times K}$.
$$ p = \text{softmax}(x W) $$
$$ J = -\sum_k y_k \log p_k $$
"""
NORM = r"""
Column vectors: $x, v \in \mathbb{R}^N$.
$$ \mu = \frac{1}{N} \sum_i x_i $$
$$ c = x - \mu $$
$$ s = \frac{1}{N} \sum_i c_i^2 $$
$$ \sigma = \sqrt{s} $$
$$ y = \frac{c}{\sigma} $$
"""
GAUSSIAN = r"""
Column vectors: $x, \mu \in \mathbb{R}^n$; $S \in \mathbb{R}^{n \times n}$.
$$ c = x - \mu $$
$$ L = -\frac12 \log \det S - \frac12 c^\top S^{-1} c $$
"""
BATCH_NORM = r"""
Vectors are rows. $X, G \in \mathbb{R}^{N \times D}$, $\gamma, \beta \in \mathbb{R}^{1 \times D}$.
$$ \mu_j = \frac1N \sum_n X_{nj} $$
$$ s_j = \sqrt{\frac1N \sum_n (X_{nj} - \mu_j)^2 + \epsilon} $$
$$ Z_{nj} = \frac{X_{nj} - \mu_j}{s_j} $$
$$ Y_{nj} = \gamma_j Z_{nj} + \beta_j $$
$$ L = \sum_n \sum_j G_{nj} Y_{nj} $$
"""
WHOLE_LAYER = r"""
Vectors are columns. $x, g, \gamma, \beta \in \mathbb{R}^D$.
$$ \mu = \frac1D \sum_j x_j $$
$$ v = \frac1D \sum_j (x_j - \mu)^2 $$
$$ z = \frac{x - \mu}{\sqrt{v + \epsilon}} $$
$$ y = \gamma \odot z + \beta $$
$$ L = g^\top y $$
"""
FOCAL = r"""
$$ p = \sigma(z) $$
$$ L = -(1 - p)^\gamma \log p $$
"""
POOLING = r"""
The picture is $X \in \mathbb{R}^{H \times W}$; $Y, G \in \mathbb{R}^{P \times Q}$.
$$ Y_{pq} = \max_{0 \le r, s < 2} X_{2p + r, 2q + s} $$
$$ L = \sum_p \sum_q G_{pq} Y_{pq} $$
"""
CAPITALS = r"""
Let $q, A \in \mathbb{R}$.
$$ L = q e^{q A} $$
"""
DILATED = r"""
Let $x \in \mathbb{R}^N$ and $w \in \mathbb{R}^R$.
$$ y_p = \sum_{r=0}^{R-1} w_r x_{2p + 3r - 1} $$
$$ L = \frac12 \sum_p (y_p - t_p)^2 $$
"""
CHANNELS = r"""
Let $X \in \mathbb{R}^{C \times H \times W}$, $F \in \mathbb{R}^{D \times C \times R \times S}$
and $b \in \mathbb{R}^D$.
$$ Z_{d,p,q} = \sum_c \sum_{r=0}^{R-1} \sum_{s=0}^{S-1} F_{d,c,r,s} X_{c,p+r,q+s} + b_d $$
$$ L = \sum_{d,p,q} G_{d,p,q} Z_{d,p,q} $$
"""
MEANS = r"""
$x \in \mathbb{R}^H$; $y, g \in \mathbb{R}^P$.
$$ y_p = \frac12 \sum_{r=0}^{1} x_{2p + r} $$
$$ L = \sum_p g_p y_p $$
"""
HIDDEN_BATCH = r"""
Rows are examples: $X \in \mathbb{R}^{B \times D}$, $U \in \mathbb{R}^{D \times H}$, $V \in \mathbb{R}^{H \times K}$,
and each row of $T \in \mathbb{R}^{B \times K}$ is one-hot.
$$ A = \operatorname{relu}(X U) $$
$$ P = \text{softmax}(A V) $$
$$ C = -\frac{1}{B} \sum_b \sum_k T_{bk} \log P_{bk} $$
"""
UNKNOWN = r"""
Vectors are columns. Let $u \in \mathbb{R}^D$, $t \in \mathbb{R}^N$, and let $x(u) \in \mathbb{R}^N$ be differentiable.
$$ s = \text{softmax}(x(u)) $$
$$ L = \frac12 \|x - t\|^2 $$
"""
ACTIVATION = r"""
Vectors are columns, $x \in \mathbb{R}^D$, $W \in \mathbb{R}^{K \times D}$, $t \in \mathbb{R}^K$. The activation
function is $g$.
$$ z = W x $$
$$ a = g(z) $$
$$ L = \frac12 \|a - t\|^2 $$
"""
POOLED = r"""
Let $x \in \mathbb{R}^N$ and $w \in \mathbb{R}^R$.
$$ y_p = \sum_{r=1}^{R} w_r x_{p+r-1} $$
$$ m_q = \max(y_{2q-1}, y_{2q}) $$
$$ L = \frac12 \sum_q (m_q - t_q)^2 $$
"""
PAIRS = r"""
Let $x \in \mathbb{R}^N$ and $w \in \mathbb{R}^R$.
$$ y_p = \sum_{r=0}^{R-1} w_r x_{p+r} $$
$$ m_q = \frac12 (y_{2q} + y_{2q+1}) $$
$$ L = \frac12 \sum_q (m_q - t_q)^2 $$
"""
PICTURES = r"""
The picture is $X \in \mathbb{R}^{H \times W}$; filters $F \in \mathbb{R}^{C \times 3 \times 3}$ with biases $b \in \mathbb{R}^C$
run over it. The label $y$ is one-hot.
$$ Z_{c,i,j} = \sum_{r=0}^{2} \sum_{s=0}^{2} F_{c,r,s} X_{i+r,j+s} + b_c $$
$$ A_{c,i,j} = \operatorname{relu}(Z_{c,i,j}) $$
$$ M_{c,p,q} = \max_{0 \le r,s < 2} A_{c,2p+r,2q+s} $$
$$ o_k = \sum_{c,p,q} V_{k,c,p,q} M_{c,p,q} + e_k $$
$$ \hat{y} = \operatorname{softmax}(o) $$
$$ J = -\sum_k y_k \log \hat{y}_k $$
"""
RECURRENT = r"""
Vectors are columns. The inputs are $x_1, x_2 \in \mathbb{R}^{D}$, the state has $H$ entries, $h_0 \in \mathbb{R}^{H}$, and
$W \in \mathbb{R}^{H \times D}$, $U \in \mathbb{R}^{H \times H}$, $b \in \mathbb{R}^{H}$, $V \in \mathbb{R}^{K \times H}$, $c \in \mathbb{R}^K$.
The target $t \in \mathbb{R}^K$ is one-hot.

$$ a_1 = W x_1 + U h_0 + b $$
$$ h_1 = \tanh(a_1) $$
$$ a_2 = W x_2 + U h_1 + b $$
$$ h_2 = \tanh(a_2) $$
$$ z = V h_2 + c $$
$$ p = \operatorname{softmax}(z) $$
$$ L = -\sum_k t_k \log p_k $$
"""
MIXTURE = r"""
Let $z, m, s \in \mathbb{R}^{K}$ be the outputs of a network for one example, and $y \in \mathbb{R}$ the target.

$$ \pi = \operatorname{softmax}(z) $$
$$ \sigma_k = e^{s_k} $$
$$ q_k = \log \pi_k - s_k - \frac{(y - m_k)^2}{2 \sigma_k^2} $$
$$ L = -\log \sum_k e^{q_k} $$
"""
FILTERS = ("∂J/∂F[i,j,k] = Σ_l Σ_m X[j + m,k + l] 𝟙[Z[i,m,l] > 0] Σ_n Σ_p 𝟙[0 ≤ l − 2 p < 2] 𝟙[0 ≤ m − 2 n < 2]"
           " 𝟙[A[i,m,l] = M[i,n,p]] Σ_q (ŷ_q − y_q) V[q,i,n,p]")
DELTA = "(ŷ − y) W₂ᵀ ∘ h ∘ (1 − h)"
BACK = "w⁽²⁾ᵀ (oˢ − onehot(y)) ∘ σ(hª)"

WANTED = [
    Wanted("softmax_row", ROWS, r"\sigma", "x", ("∂σ/∂x = diag(σ) − σᵀ σ",)),
    Wanted("softmax_column", COLUMNS, "s", "x", ("∂s/∂x = diag(s) − s sᵀ",)),
    Wanted("softmax_entry", ROWS, r"\sigma_i", "x_j", ("∂σ_i/∂x_j = σ_i (δ[i,j] − σ_j)",)),
    Wanted("softmax_vjp", ROWS, r"\sigma", "x", ("v ∂σ/∂x = σ ∘ (v − v σᵀ)",), "vjp"),
    Wanted("log_softmax", LOGS, "z", "x", ("∂z/∂x = I − 𝟏ᵀ σ",)),
    Wanted("log_softmax_vjp", LOGS, "z", "x", ("v ∂z/∂x = v − σ Σ_j v_j",), "vjp"),
    Wanted("cross_entropy", "", r"-\sum_k t_k \log z_k", "z", ("∂(−tᵀ log(z))/∂z = −t ⊘ z",)),
    Wanted("softmax_cross_entropy", CROSS, "J", r"\theta", ("∂J/∂θ = ŷ − y",)),
    Wanted("softmax_cross_entropy_entries", CROSS, "J", r"\theta", ("∂J/∂θ = ŷ − y",), None,
           "elements"),
    Wanted("log_likelihood", "", r"-\sum_k t_k z_k", "z", ("∂(−tᵀ z)/∂z = −t",)),
    Wanted("sigmoid", "", "σ(x)", "x", ("∂σ(x)/∂x = σ(x) (1 − σ(x))",)),
    Wanted("tanh", "", "tanh(x)", "x", ("∂tanh(x)/∂x = 1 − tanh(x)²",)),
    Wanted("softplus", "", "softplus(x)", "x", ("∂softplus(x)/∂x = σ(x)",)),
    Wanted("squared_error_of_sigmoid", r"$$ \sigma = \text{sigmoid}(a) $$"
           r"$$ L = \frac12 (\sigma - y)^2 $$", "L", "a", ("∂L/∂a = (σ − y) σ (1 − σ)",)),
    Wanted("binary_cross_entropy", r"$$ \sigma = \text{sigmoid}(a) $$"
           r"$$ L = -(y \log \sigma + (1 - y) \log(1 - \sigma)) $$", "L", "a", ("∂L/∂a = σ − y",)),
    Wanted("network", NETWORK, "J", "x,W_2,b_2,W_1,b_1", (
        f"∂J/∂x = ({DELTA}) W₁ᵀ", "∂J/∂W₂ = hᵀ (ŷ − y)", "∂J/∂b₂ = ŷ − y",
        f"∂J/∂W₁ = xᵀ ({DELTA})", f"∂J/∂b₁ = {DELTA}")),
    Wanted("network_entries", NETWORK, "J", "W_1", (f"∂J/∂W₁ = xᵀ ({DELTA})",), None, "elements"),
    Wanted("network_differentials", NETWORK, "J", "W_1,b_1", (
        f"∂J/∂W₁ = xᵀ ({DELTA})", f"∂J/∂b₁ = {DELTA}"), None, "differentials"),
    Wanted("softplus_network", SOFTPLUS, "L", "w^{(2)},b^{(2)},w^{(1)},b^{(1)},x", (
        "∂L/∂w⁽²⁾ = (oˢ − onehot(y)) hˢᵀ", "∂L/∂b⁽²⁾ = oˢ − onehot(y)",
        f"∂L/∂w⁽¹⁾ = ({BACK}) xᵀ", f"∂L/∂b⁽¹⁾ = {BACK}", f"∂L/∂x = w⁽¹⁾ᵀ ({BACK})")),
    Wanted("batch", BATCH, "J", "W,b", ("∂J/∂W = Xᵀ (P − Y)", "∂J/∂b = 𝟏ᵀ (P − Y)")),
    Wanted("vec", "", "A X B", "X", ("∂vec(A X B)/∂vec(X) = Bᵀ ⊗ A",)),
    Wanted("stacked_weights", r"Vectors are rows. $$ z = x W + b $$", "z", "W",
           ("∂z/∂vec(W) = I ⊗ x",)),
    Wanted("stacked_weights_column", r"Vectors are columns. $$ z = W x + b $$", "z", "W",
           ("∂z/∂vec(W) = xᵀ ⊗ I",)),
    Wanted("softmax_hessian", CROSS, "J", r"\theta", ("∂²J/∂θ² = diag(ŷ) − ŷᵀ ŷ",), "hessian"),
    Wanted("logistic", LOGISTIC, "J", "w", ("∂J/∂w = Xᵀ (p − y)",)),
    Wanted("logistic_hessian", LOGISTIC, "J", "w", ("∂²J/∂w² = Xᵀ diag(p ∘ (1 − p)) X",),
           "hessian"),
    Wanted("softmax_regression_hessian", REGRESSION, "J", "W", (
        "∂²J/(∂W[i,j] ∂W[k,l]) = p_j x_i x_k (δ[j,l] − p_l)",), "hessian"),
    Wanted("ridge", r"Column vectors. $$ R = L + \lambda \|\theta\|_2^2 $$ $\theta \in \mathbb{R}^n$",
           "R", r"\theta", ("∂R/∂θ = 2 λ θ",)),
    Wanted("least_squares", "", r"\frac12 \|X w - y\|^2", "w",
           ("∂((1/2) ‖X w − y‖²)/∂w = Xᵀ (X w − y)",)),
    Wanted("trace", "", "tr(A X B)", "X", ("∂tr(A X B)/∂X = Aᵀ Bᵀ",)),
    Wanted("log_determinant", "", r"\log \det X", "X", ("∂log(det(X))/∂X = X⁻ᵀ",)),
    Wanted("trace_of_inverse", "", "tr(A X^{-1} B)", "X",
           ("∂tr(A X⁻¹ B)/∂X = −(X⁻¹ B A X⁻¹)ᵀ",)),
    Wanted("gaussian", GAUSSIAN, "L", r"\mu,S", (
        "∂L/∂μ = (1/2) (S⁻¹ + S⁻ᵀ) c",
        "∂L/∂S = (1/2) (S⁻ᵀ c cᵀ S⁻ᵀ − S⁻ᵀ)")),
    Wanted("symmetric_quadratic_form", SYMMETRIC, "q", "x", ("∂q/∂x = 2 A x",)),
    Wanted("gaussian_by_mean", COVARIANCE, "L", r"\mu", ("∂L/∂μ = Σ⁻¹ (μ − x)",)),
    Wanted("quantile_loss", QUANTILE, "J", "w", ("∂J/∂w = Xᵀ (𝟙[r < 0] − τ)",)),
    Wanted("quadratic_form", "", "x^T A x", "x", ("∂(xᵀ A x)/∂x = (A + Aᵀ) x",)),
    Wanted("mean", NORM, r"\mu", "x", ("∂μ/∂x = (1 / N) 𝟏",)),
    Wanted("centred", NORM, "c", "x", ("∂c/∂x = I − (1 / N) 𝟏 𝟏ᵀ",)),
    Wanted("variance", NORM, "s", "x", ("∂s/∂x = 2 c / N",)),
    Wanted("layer_norm", NORM, "y", "x", ("∂y/∂x = (1 / σ) (I − (1 / N) y yᵀ − (1 / N) 𝟏 𝟏ᵀ)",)),
    Wanted("layer_norm_vjp", NORM, "y", "x", (
        "(∂y/∂x)ᵀ v = (1 / (N σ)) (N v − (vᵀ y) y − Σ_j v_j)",), "vjp"),
    Wanted("batch_norm", BATCH_NORM, "L", r"X,\gamma,\beta", (
        "∂L/∂X = (1 / N) (N G − Z diag(𝟏ᵀ (G ∘ Z)) − 𝟏 𝟏ᵀ G) diag(γ ⊘ s)",
        "∂L/∂γ = 𝟏ᵀ (G ∘ Z)", "∂L/∂β = 𝟏ᵀ G")),
    Wanted("layer_norm_loss", WHOLE_LAYER, "L", "x", (
        "∂L/∂x = (1 / (D √(v + ε))) (D g ⊙ γ − ((g ⊙ z)ᵀ γ) z − gᵀ γ)",)),
    Wanted("focal", FOCAL, "L", "z", ("∂L/∂z = (p γ log(p) + p − 1) (1 − p)ᵞ",)),
    Wanted("max_pooling", POOLING, "L", "X", (
        "∂L/∂X[i,j] = Σ_k Σ_l G[k,l] 𝟙[0 ≤ j − 2 l < 2] 𝟙[0 ≤ i − 2 k < 2]"
        " 𝟙[X[i,j] = Y[k,l]]",)),
    Wanted("numbers_in_capitals", CAPITALS, "L", "A", ("∂L/∂A = q² exp(A q)",)),
    Wanted("dilated_convolution", DILATED, "L", "w,x", (
        "∂L/∂w_i = Σ_j x[3 i + 2 j − 1] (y_j − t_j)",
        "∂L/∂x_i = Σ_j (y_j − t_j) Σ_k w_k δ[3 k + 2 j − 1,i]")),
    Wanted("pooled_convolution", POOLED, "L", "w,x", (
        "∂L/∂w_i = Σ_j x[i + j − 1] Σ_k (m_k − t_k) 𝟙[1 ≤ j − 2 k + 2 ≤ 2] 𝟙[y_j = m_k]",
        "∂L/∂x_i = Σ_j w[i − j + 1] Σ_k (m_k − t_k) 𝟙[1 ≤ j − 2 k + 2 ≤ 2] 𝟙[y_j = m_k]")),
    Wanted("picture_network", PICTURES, "J", "F,e", (FILTERS, "∂J/∂e = ŷ − y")),
    Wanted("picture_network_entries", PICTURES, "J", "F", (FILTERS,), manner="elements"),
    Wanted("picture_network_differentials", PICTURES, "J", "b", (
        "∂J/∂b_i = Σ_j Σ_k 𝟙[Z[i,k,j] > 0] Σ_l Σ_m 𝟙[0 ≤ j − 2 m < 2] 𝟙[0 ≤ k − 2 l < 2]"
        " 𝟙[A[i,k,j] = M[i,l,m]] Σ_n (ŷ_n − y_n) V[n,i,l,m]",), manner="differentials"),
    Wanted("recurrent_cell", RECURRENT, "L", "U,b,x_1", (
        "∂L/∂U = (Uᵀ (Vᵀ (p − t) ∘ (1 − h₂ ∘ h₂)) ∘ (1 − h₁ ∘ h₁)) h₀ᵀ"
        " + (Vᵀ (p − t) ∘ (1 − h₂ ∘ h₂)) h₁ᵀ",
        "∂L/∂b = Uᵀ (Vᵀ (p − t) ∘ (1 − h₂ ∘ h₂)) ∘ (1 − h₁ ∘ h₁) + Vᵀ (p − t) ∘ (1 − h₂ ∘ h₂)",
        "∂L/∂x₁ = Wᵀ (Uᵀ (Vᵀ (p − t) ∘ (1 − h₂ ∘ h₂)) ∘ (1 − h₁ ∘ h₁))")),
    Wanted("mixture_density", MIXTURE, "L", "z,m,s", (
        "∂L/∂z = π − softmax(q)", "∂L/∂m = softmax(q) ∘ (m − y) ⊘ (σ ∘ σ)",
        "∂L/∂s = softmax(q) ∘ (1 − (y − m) ∘ (y − m) ⊘ (σ ∘ σ))")),
    Wanted("mixture_hessian", MIXTURE, "L", "z", (
        "∂²L/∂z² = softmax(q)ᵀ softmax(q) − diag(softmax(q)) + diag(π) − πᵀ π",), "hessian"),
    Wanted("means_of_pairs", PAIRS, "L", "w", (
        "∂L/∂w_i = (1/2) Σ_j (m_j − t_j) ((x[i + 2 j + 1] if 0 ≤ 2 j + 1 < M else 0)"
        " + (x[i + 2 j] if 0 ≤ 2 j < M else 0))",)),
    Wanted("channels", CHANNELS, "L", "F,X,b", (
        "∂L/∂F[i,j,k,l] = Σ_m Σ_n G[i,m,n] X[j,k + m,l + n]",
        "∂L/∂X[i,j,k] = Σ_l Σ_m Σ_n F[l,i,j − m,k − n] G[l,m,n]",
        "∂L/∂b_i = Σ_j Σ_k G[i,j,k]")),
    Wanted("mean_pooling", MEANS, "L", "x", (
        "∂L/∂x_i = (1/2) Σ_j g_j 𝟙[0 ≤ i − 2 j < 2]",)),
    Wanted("hidden_batch", HIDDEN_BATCH, "C", "U,V,X", (
        "∂C/∂U = (1 / B) Xᵀ ((P − T) Vᵀ ∘ 𝟙[X U > 0])", "∂C/∂V = (1 / B) Aᵀ (P − T)",
        "∂C/∂X = (1 / B) ((P − T) Vᵀ ∘ 𝟙[X U > 0]) Uᵀ")),
    Wanted("cosine", "", r"\frac{u^T v}{\|u\| \|v\|}", "u", (
        "∂(uᵀ v / (‖u‖ ‖v‖))/∂u = (1 / (‖u‖³ ‖v‖)) (‖u‖² v − (uᵀ v) u)",)),
    Wanted("powers", "", "x^a (1 - x)^b", "x", (
        "∂(xª (1 − x)ᵇ)/∂x = (a (1 − x) − b x) x^(a − 1) (1 − x)^(b − 1)",)),
    Wanted("softsign", "", r"\frac{x}{1 + |x|}", "x", ("∂(x / (1 + |x|))/∂x = 1 / (1 + |x|)²",)),
    Wanted("normal_variance", "", r"\frac12 \log v + \frac{(y - \mu)^2}{2 v}", "v", (
        "∂((y − μ)² / (2 v) + (1/2) log(v))/∂v = (v − (y − μ)²) / (2 v²)",)),
    Wanted("score_of_unknown_function", UNKNOWN, r"\log s_j", "u", (
        "∇ᵤ log(s_j) = ∇ᵤ x_j − E_{k∼s}[∇ᵤ x_k]",)),
    Wanted("unknown_function_alone", "", "log(softmax(x(u)))_j", "u", (
        "∇ᵤ log_softmax(x)_j = ∇ᵤ x_j − E_{k∼softmax(x)}[∇ᵤ x_k]",)),
    Wanted("softmax_of_unknown_function", UNKNOWN, "s", "u", (
        "∂s/∂u = (diag(s) − s sᵀ) ∂x/∂u",)),
    Wanted("loss_of_unknown_function", UNKNOWN, "L", "u", ("∂L/∂u = (∂x/∂u)ᵀ (x − t)",)),
    Wanted("change_through_unknown_function", UNKNOWN, "L", "u", ("dL = (x − t)ᵀ ∂x/∂u du",),
           "differential"),
    Wanted("unknown_activation", ACTIVATION, "L", "W,x", (
        "∂L/∂W = ((a − t) ∘ g'(z)) xᵀ", "∂L/∂x = Wᵀ ((a − t) ∘ g'(z))")),
    Wanted("composed_functions", "", "f(g(z))", "z", ("∂f(g(z))/∂z = f'(g(z)) g'(z)",)),
    Wanted("network_change", NETWORK, "J", "W_2,b_2", (
        "dJ = tr((ŷ − y)ᵀ h dW₂) + (ŷ − y) db₂ᵀ",), "differential"),
]  # fmt: skip


def asked(wanted):
    request = Request(wanted.kind, wanted.vector)
    if wanted.document:
        return chainrule.read(wanted.document).derive(wanted.of, wanted.by, request)
    return derive_expression(wanted.of, wanted.by, "", request)
