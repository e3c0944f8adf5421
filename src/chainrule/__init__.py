"""Your derivation is the program: read, judge, differentiate and train written mathematics."""

__version__ = "0.1.0"
