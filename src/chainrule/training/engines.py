"""The engines that training runs on; an optional one is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.errors import BadOption
from chainrule.program.build import ENGINES
from chainrule.program.optional import optional
from chainrule.training.checkpoints import Checkpoint
from chainrule.training.optimise import WHOLE, Optimiser
from chainrule.training.stored import Rows

if TYPE_CHECKING:
    from chainrule.training.device import DeviceEpochs


def on_devices(
    network: Any,
    run: Checkpoint,
    arrays: tuple[Rows, ...],
    rule: Optimiser,
    batch: int,
    devices: int,
) -> DeviceEpochs:
    """What runs whole epochs on JAX's devices; raises BadOption."""
    from chainrule.training.device import DeviceEpochs

    return DeviceEpochs(
        network.traced, network.in_order, run, arrays, rule, batch, devices, network.memory
    )


def check_engine(engine: str, devices: int = 1, optimiser: str = "") -> None:
    """Raises BadOption for an engine that is unknown or cannot do what is asked, MissingPackage."""
    if engine not in ENGINES:
        raise BadOption(f"engine is {engine}; known are {', '.join(ENGINES)}", remedy="numpy")
    if engine == "numpy":
        if devices != 1:
            raise BadOption("several devices need the engine jax", remedy="add --engine jax")
        return
    if optimiser in WHOLE:
        raise BadOption(
            f"the optimiser {optimiser} needs the engine numpy, not {engine}",
            remedy="leave --engine out, or use --optimiser adam",
        )
    optional("jax", "jax", "the engine jax")
