"""How people write mathematics: from a document to its formulas, their syntax, and what they mean."""
