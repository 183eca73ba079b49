"""The sweep that runs on each table, and the space like it that scikit-learn's MLP searches.

Both come from the sweep file that `nnsweep init --data` writes for the table.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import loguniform

from benchmarks.tables.catalogue import Table
from experiments.cli.new_sweep import sweep_for_data

TRIALS = 12
WIDTHS = 5  # that the MLP tries of a range of hidden units


def sweep_settings(table: Table, data: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    """Return the sweep of `init --data` for a `table`, whose section `[data]` is `data`.

    `epochs` None leaves them as the file has them.
    """
    settings = tomllib.loads(sweep_for_data(data, table.name.replace(" ", "-")))
    settings["sweep"]["trials"] = TRIALS
    if epochs is not None:
        settings["training"]["epochs"] = epochs
    return settings


def mlp_space(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the space for the MLP that is like that of a sweep.

    Its α is λ times the mini-batch size, divided by the number of training rows; so λ of 0.01 to 10
    in mini-batches of 32 to 128 is α of 0.0001 to 1 for about 3,000 rows.
    """
    space = settings["space"]
    rate = space["learning_rate"]
    widths = _widths(space["hidden_units"])
    layers: list[tuple[int, ...]] = [(width,) for width in widths]
    if space.get("hidden_layers", {"high": 1})["high"] > 1:
        layers += [(first, second) for first in widths for second in widths]
    return {
        "learning_rate_init": loguniform(rate["low"], rate["high"]),
        "alpha": loguniform(1e-4, 1.0),
        "batch_size": space["mini_batch_size"]["choices"],
        "hidden_layer_sizes": layers,
    }


def _widths(dimension: Mapping[str, Any]) -> list[int]:
    if "choices" in dimension:
        return list(dimension["choices"])
    spread = np.geomspace if dimension.get("log") else np.linspace
    return [round(width) for width in spread(dimension["low"], dimension["high"], WIDTHS).tolist()]
