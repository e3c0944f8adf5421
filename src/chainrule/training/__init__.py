"""Fitting a network that a document defines to data."""
