"""Hidden layers in a space: their number, the width of each, or choices between lists of widths.

In a space, a list of widths is a text such as "100-50", because tables hold single values.
"""

import re
from collections.abc import Mapping
from typing import Any

from nncore.errors import InputError, require
from sweeps.space.dimensions import Choices, Dimension, Params, Space

LAYERS, WIDTHS = "hidden_layers", "hidden_units"
MOST_LAYERS = 20
NO_LAYER = "none"


def is_width_of_layer(name: str) -> bool:
    """Return whether `name` is hidden_units_1, hidden_units_2, ..."""
    return re.fullmatch(rf"{WIDTHS}_[1-9]\d?", name) is not None


def subject(name: str) -> str:
    """Return the hyperparameter that a key of [training] or [space] sets, wholly or in part."""
    return WIDTHS if name == LAYERS or is_width_of_layer(name) else name


def width_name(layer: int) -> str:
    """Return the name of the dimension for the width of `layer`, from 1."""
    return f"{WIDTHS}_{layer}"


def as_text(widths: Any) -> Any:
    """Return a list of widths as text, such as "100-50"; any other value as it is."""
    return "-".join(map(str, widths)) or NO_LAYER if isinstance(widths, list) else widths


def as_widths(text: str) -> list[int]:
    """Return the widths in a text such as "100-50"; "none" means no hidden layer."""
    if text == NO_LAYER:
        return []
    rule = f"be widths such as '100-50', or '{NO_LAYER}'"
    require(re.fullmatch(r"\d{1,9}(-\d{1,9})*", text) is not None, WIDTHS, rule, text)
    return [int(width) for width in text.split("-")]


def lists_as_text(dimension: Any) -> Any:
    """Return the table of `hidden_units`, with text for the lists among its choices."""
    choices = dimension.get("choices") if isinstance(dimension, dict) else None
    if not isinstance(choices, list) or not any(isinstance(c, list) for c in choices):
        return dimension
    lists = [[c] if isinstance(c, int) else c for c in choices]
    return {**dimension, "choices": [as_text(widths) for widths in lists]}


def expand_layers(space: Space) -> Space:
    """Return `space` with one width dimension per layer, if it has the dimension `hidden_layers`.

    The width of layer k exists where `hidden_layers` is k or more.

    Raises
    ------
    InputError
        If the number of layers or the widths are not valid.
    """
    if LAYERS not in space:
        for name in filter(is_width_of_layer, space):
            raise InputError(f"`space.{name}` must go with `space.{LAYERS}`, got none")
        return space
    number, widths = space[LAYERS], space.get(WIDTHS)
    counts = _counts(number)
    if widths is None:
        return space
    if _has_lists(widths):
        raise InputError(f"`space.{WIDTHS}` must have single widths with `{LAYERS}`, got lists")
    layers: Space = {}
    for layer in range(1, max(counts) + 1):
        deep = [count for count in counts if count >= layer]
        needed = {LAYERS: deep} if deep != counts or number.when else {}
        when = {**(widths.when or {}), **needed} or None
        layers[width_name(layer)] = widths.model_copy(update={"when": when})
    expanded: Space = {}
    for name, dimension in space.items():
        expanded |= layers if name == WIDTHS else {name: dimension}
    return expanded


def _counts(number: Dimension) -> list[int]:
    ends = number.ends
    whole = all(type(end) is int and 0 <= end <= MOST_LAYERS for end in ends)
    require(whole, f"space.{LAYERS}", f"be whole numbers from 0 to {MOST_LAYERS}", ends)
    return [number.nth(index) for index in range(number.count or 0)]


def as_settings(params: Params) -> dict[str, Any]:
    """Return the hyperparameters at a point of the space, with the layers as one list of widths.

    Raises
    ------
    InputError
        If a layer has no width.
    """
    settings = {k: v for k, v in params.items() if k != LAYERS and not is_width_of_layer(k)}
    if isinstance(settings.get(WIDTHS), str):
        settings[WIDTHS] = as_widths(settings[WIDTHS])
    if LAYERS in params:
        settings[WIDTHS] = [_width(params, layer + 1) for layer in range(params[LAYERS])]
    return settings


def _width(params: Params, layer: int) -> Any:
    name = width_name(layer)
    if name not in params:
        count = params[LAYERS]
        raise InputError(f"`space.{name}` or `{WIDTHS}` must exist if `{LAYERS}` is {count}")
    return params[name]


def as_params(point: dict[str, Any], space: Space) -> Params:
    """Return a point that has widths as a list with the names and texts of `space` instead."""
    widths = point.get(WIDTHS)
    if not isinstance(widths, list):
        return point
    if LAYERS not in space:
        single = len(widths) == 1 and not _has_lists(space.get(WIDTHS))
        return {**point, WIDTHS: widths[0] if single else as_text(widths)}
    rest = {name: value for name, value in point.items() if name != WIDTHS}
    layers = {width_name(layer): width for layer, width in enumerate(widths, 1)}
    return {**rest, LAYERS: len(widths), **layers}


def _has_lists(dimension: Dimension | None) -> bool:
    return isinstance(dimension, Choices) and any(isinstance(c, str) for c in dimension.choices)


def setting_of(name: str, settings: Mapping[str, Any], space: Space) -> Any:
    """Return the value of the dimension `name` at the point of the space that has `settings`.

    It is None if there is no such layer, and need not lie in the dimension.
    """
    widths = list(settings[WIDTHS])
    if name == LAYERS:
        return len(widths)
    if is_width_of_layer(name):
        layer = int(name.removeprefix(f"{WIDTHS}_"))
        return widths[layer - 1] if layer <= len(widths) else None
    if name == WIDTHS:
        return widths[0] if len(widths) == 1 and not _has_lists(space[name]) else as_text(widths)
    return settings[name]
