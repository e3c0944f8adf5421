"""What can be said: expressions in index notation, functions, programs, and what they mean."""
