"""The changes that lead from the default hyperparameters to the winner's.

Hyperparameters that cannot change alone form one change, so every mixture of changes is valid.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, combinations
from typing import Any

from nncore.config import JOINED, TrialConfig, trial_config
from nncore.errors import InputError
from nncore.task import default_config
from sweeps.config import SweepConfig
from sweeps.space.dimensions import Params
from sweeps.space.hidden_layers import WIDTHS, as_params, as_text, subject

Arm = frozenset[int]
"""A mixture of defaults and winner: the numbers of the changes that are made."""

Names = frozenset[str]


@dataclass(frozen=True)
class Changes:
    """The changes from the defaults to the winner.

    `groups` names the hyperparameters of each change. Searched hyperparameters that do not change
    are in `same` if the winner has their default, and in `held` if no valid mixture has it: all
    arms have the winner's value then.
    """

    defaults: dict[str, Any]
    winner: dict[str, Any]
    groups: tuple[tuple[str, ...], ...]
    same: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    def config(self, arm: Arm) -> TrialConfig:
        """Return the config in which the changes of `arm` are made."""
        changed = chain(self.held, *(self.groups[number] for number in arm))
        return _mixture(self.defaults, self.winner, changed)

    def before(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the defaults of these hyperparameters as single values."""
        return {name: _single(self.defaults[name]) for name in names}

    def after(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the winner's values of these hyperparameters as single values."""
        return {name: _single(self.winner[name]) for name in names}


def find_changes(
    config: SweepConfig, params: Params, check: Callable[[TrialConfig], None] = lambda config: None
) -> Changes:
    """Return the changes from the defaults to the winner of a sweep, in the order of the space.

    Parameters
    ----------
    config
        The sweep. All arms have the settings of its [training].
    params
        The winner, a point of the space.
    check
        Raises `InputError` if a config does not fit the data.

    Raises
    ------
    InputError
        If the winner does not fit the data.
    """
    usual = default_config(regression=config.metric.regression)
    defaults = {**asdict(usual), **config.training}
    defaults[WIDTHS] = tuple(defaults[WIDTHS])
    winning = config.trial_config(params)
    check(winning)
    winner = asdict(winning)
    searched = list(dict.fromkeys(map(subject, config.space)))
    changed = [name for name in searched if winner[name] != defaults[name]]

    def valid(names: Names) -> bool:
        try:
            check(_mixture(defaults, winner, names))
        except InputError:
            return False
        return True

    groups = [frozenset({name}) for name in changed]
    for pair in _conditional_pairs(config, params, defaults):
        groups = _joined(groups, pair)
    held: Names = frozenset()
    while (mixture := _first_invalid(groups, held, valid)) is not None:
        needed = _smallest_valid(groups, held, mixture, valid)
        if mixture:
            groups = _joined(groups, needed - held)
        else:
            held |= needed
            groups = [group for group in groups if not group <= held]
    return Changes(
        defaults,
        winner,
        groups=tuple(tuple(name for name in changed if name in group) for group in groups),
        same=tuple(name for name in searched if name not in changed),
        held=tuple(name for name in changed if name in held),
    )


def _mixture(
    defaults: dict[str, Any], winner: dict[str, Any], changed: Iterable[str]
) -> TrialConfig:
    return trial_config({**defaults, **{name: winner[name] for name in changed}})


def _single(value: Any) -> Any:
    return as_text(list(value)) if isinstance(value, tuple) else value


def _conditional_pairs(
    config: SweepConfig, params: Params, defaults: dict[str, Any]
) -> Iterator[Names]:
    """Yield each hyperparameter with one that it hangs on.

    It hangs on it if its condition holds for the winner, but not for the defaults.
    """
    point = as_params({**defaults, WIDTHS: list(defaults[WIDTHS])}, config.space)
    for name in params:
        for parent, values in (config.space[name].when or {}).items():
            if point.get(parent) not in values:
                yield frozenset({subject(name), subject(parent)})


def _joined(groups: Sequence[Names], names: Names) -> list[Names]:
    """Return the groups with all that have one of `names` joined, in the place of the first."""
    touched = [group for group in groups if group & names]
    if not touched:
        return list(groups)
    whole = frozenset[str]().union(*touched)
    return [whole if group is touched[0] else group for group in groups if group not in touched[1:]]


def _first_invalid(
    groups: Sequence[Names], held: Names, valid: Callable[[Names], bool]
) -> Names | None:
    """Return the smallest invalid mixture of whole groups, None if there is none.

    Only settings whose validity depends on each other can make a mixture of valid ones invalid.
    """
    entangled = [group for group in groups if group & set(JOINED)]
    invalid = (mix for mix in _mixtures(entangled) if not valid(held | mix))
    return next(invalid, None)


def _smallest_valid(
    groups: Sequence[Names], held: Names, mixture: Names, valid: Callable[[Names], bool]
) -> Names:
    """Return the smallest valid mixture with all of `mixture`; the winner is one."""
    others = [group for group in groups if not group <= mixture]
    return next(mixture | mix for mix in _mixtures(others) if valid(held | mixture | mix))


def _mixtures(groups: Sequence[Names]) -> Iterator[Names]:
    """Yield all unions of groups, those of the fewest groups first."""
    for count in range(len(groups) + 1):
        for chosen in combinations(groups, count):
            yield frozenset[str]().union(*chosen)
