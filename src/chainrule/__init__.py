"""Your derivation is the program: read, check, derive and train what a document defines.

>>> import chainrule
>>> document = chainrule.read(r"$$p = \\text{softmax}(z)$$ $$J = -\\sum_k y_k \\log p_k$$")
>>> document.derive("J", "z").text("z")
'∂J/∂z = p Σ_j y_j − y'
"""

from chainrule.documents import Document, read
from chainrule.errors import ChainruleError

__version__ = "0.1.0"
__all__ = ["ChainruleError", "Document", "__version__", "read"]
