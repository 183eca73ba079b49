"""The catalogue of samplers: one entry for each name that `sweep.sampler` can have.

An entry holds every way in which a sampler differs from the others; no other module asks for its
name. A sampler is imported when it is made, because Optuna takes long to load.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nncore.errors import require
from sweeps.samplers.protocol import NonAdaptiveSampler, Sampler, Search
from sweeps.space.dimensions import Choices, Range, Space
from sweeps.space.grid_cells import check_grid


@dataclass(frozen=True, kw_only=True)
class SamplerEntry:
    """A sampler of the catalogue.

    Attributes
    ----------
    new
        Returns the sampler for a search, before its first point.
    adaptive
        Whether it learns: whether its points depend on earlier results.
    uses_known
        Whether it learns from results of other runs too.
    check
        Raises `InputError` if the sampler cannot search a space with this number of trials.
    load
        Loads the optional package that the sampler needs; `InputError` if it is not installed.
    packages
        The packages whose versions are recorded for its points, besides those of training. The
        records of all samplers have always contained `cmaes`.
    left_to_chance
        Returns the dimensions of a space that a learning sampler always draws at random.
    """

    new: Callable[[Search], Sampler]
    adaptive: bool
    uses_known: bool = False
    check: Callable[[Space, int], None] = lambda space, trials: None
    load: Callable[[], None] = lambda: None
    packages: tuple[str, ...] = ("cmaes",)
    left_to_chance: Callable[[Space], list[str]] = lambda space: []


def _tpe(search: Search) -> Sampler:
    from sweeps.samplers.tpe import TpeSampler

    return TpeSampler(search)


def _random(search: Search) -> Sampler:
    from sweeps.samplers.optuna_samplers import random_points

    return NonAdaptiveSampler(random_points(search.space, search.seed))


def _grid(search: Search) -> Sampler:
    from sweeps.samplers.grid import grid_points

    return NonAdaptiveSampler(grid_points(search.space, search.seed, without=search.start))


def _qmc(search: Search) -> Sampler:
    from sweeps.samplers.optuna_samplers import qmc_points

    return NonAdaptiveSampler(qmc_points(search.space, search.seed))


def _cmaes(search: Search) -> Sampler:
    from sweeps.samplers.optuna_samplers import CmaEsSampler

    return CmaEsSampler(search)


def _check_cmaes(space: Space, trials: int) -> None:
    ranges = [name for name, d in space.items() if isinstance(d, Range) and not d.when]
    rule = "have a range without `when` if `sampler` is 'cmaes'"
    require(len(ranges) > 0, "space", rule, list(space))


def _without_range(space: Space) -> list[str]:
    """Return the dimensions, except single values, that are not a range in every trial."""
    return [n for n, d in space.items() if d.when or (isinstance(d, Choices) and d.count > 1)]


def _gp(search: Search) -> Sampler:
    from sweeps.samplers.optuna_samplers import GaussianProcessSampler

    return GaussianProcessSampler(search)


def _load_torch() -> None:
    from sweeps.samplers.optuna_samplers import load_torch

    load_torch()


def _coordinate(search: Search) -> Sampler:
    from sweeps.samplers.coordinate import Coordinate
    from sweeps.samplers.optuna_samplers import random_points

    return Coordinate(search.space, random_points(search.space, search.seed))


SAMPLERS = {
    "tpe": SamplerEntry(new=_tpe, adaptive=True, uses_known=True),
    "random": SamplerEntry(new=_random, adaptive=False),
    "grid": SamplerEntry(new=_grid, adaptive=False, check=check_grid),
    "qmc": SamplerEntry(new=_qmc, adaptive=False),
    "cmaes": SamplerEntry(
        new=_cmaes, adaptive=True, check=_check_cmaes, left_to_chance=_without_range
    ),
    "gp": SamplerEntry(
        new=_gp, adaptive=True, uses_known=True, load=_load_torch, packages=("cmaes", "torch")
    ),
    "coordinate": SamplerEntry(new=_coordinate, adaptive=True, uses_known=True),
}
