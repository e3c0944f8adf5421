"""What can be said: expressions in index notation, functions, programs, and what they mean."""

from chainrule.language import operators as operators
