"""How people write mathematics: a document, its formulas, their syntax, and what they mean."""
