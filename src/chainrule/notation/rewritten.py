"""The statements of a document, in the print of which other notations become that which is read."""

from __future__ import annotations

from chainrule.notation import tree
from chainrule.notation.bracketed_places import with_places
from chainrule.notation.chains import joined
from chainrule.notation.conditionals import with_entries
from chainrule.notation.counted_names import with_counts
from chainrule.notation.document import Document
from chainrule.notation.hyphenated_names import with_hyphenated_names
from chainrule.notation.indexed_partials import with_fractions
from chainrule.notation.jacobian_operator import with_jacobians
from chainrule.notation.layers_below import with_layers
from chainrule.notation.multiples import with_multiples
from chainrule.notation.named_ends import with_named_ends
from chainrule.notation.named_jacobians import with_derivatives
from chainrule.notation.numbers_behind_letters import with_numbered_letters
from chainrule.notation.plain_ones import with_ones
from chainrule.notation.powers_of_steps import with_powers
from chainrule.notation.primed_names import with_primed_names
from chainrule.notation.shared_values import with_shared_values
from chainrule.notation.similarities import with_similarities
from chainrule.notation.unit_vectors import with_unit_vectors


def rewritten(document: Document) -> list[tree.Statement]:
    """The statements, in the print of which other notations are put into that which is read."""
    printed = with_ones(with_places(with_entries(with_fractions(with_jacobians(joined(document))))))
    printed = with_powers(with_derivatives(document, with_named_ends(printed)))
    printed = with_hyphenated_names(with_primed_names(with_unit_vectors(printed)))
    printed = with_layers(with_similarities(with_counts(printed)))
    return with_multiples(with_numbered_letters(with_shared_values(printed)))
