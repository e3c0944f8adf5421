"""The engines that training runs on; an optional one is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import BadOption, MissingPackage
from chainrule.program.build import ENGINES
from chainrule.training.optimise import Optimiser

if TYPE_CHECKING:
    from chainrule.training.device import DeviceEpochs


def on_devices(
    engine: str,
    network: Any,
    parameters: dict[str, np.ndarray],
    arrays: tuple[np.ndarray, ...],
    rule: Optimiser,
    batch: int,
    devices: int,
) -> DeviceEpochs:
    """What runs whole epochs on the engine's devices; raises BadOption, MissingPackage."""
    check_engine(engine)
    from chainrule.training.device import DeviceEpochs

    return DeviceEpochs(network.traced, network.in_order, parameters, arrays, rule, batch, devices)


def check_engine(engine: str, devices: int = 1) -> None:
    """Raises BadOption for an unknown engine, MissingPackage for one that is not installed."""
    if engine not in ENGINES:
        raise BadOption(f"engine is {engine}; known are {', '.join(ENGINES)}", remedy="numpy")
    if engine == "numpy":
        if devices != 1:
            raise BadOption("several devices need the engine jax", remedy="add --engine jax")
        return
    try:
        import jax  # noqa: F401
    except ImportError:
        raise MissingPackage(
            "the engine jax needs the package jax", remedy="pip install 'chainrule[jax]'"
        ) from None
