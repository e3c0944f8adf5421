"""Claims that are no equations: shapes, counts, ranges, limits, properties in words, code."""
