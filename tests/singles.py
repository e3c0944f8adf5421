"""float32 as a kind of number that `evaluate` can compute with: what a stable form must survive."""

import numpy as np

from chainrule.language.arithmetic import Floats


class Singles(Floats):
    """Every number, and every intermediate value, is a float32."""

    def constant(self, value):
        return np.float32(value.numerator / value.denominator)

    def array(self, given):
        return np.asarray(given, dtype=np.float32)

    def whole(self, given):
        return given.astype(np.float32)

    def missing(self):
        return np.float32("nan")


SINGLES = Singles()
