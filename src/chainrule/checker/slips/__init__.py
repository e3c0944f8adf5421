"""The catalogue of slips: one change of what is printed, with the sentence that names it."""
