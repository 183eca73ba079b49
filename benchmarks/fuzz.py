"""Feeds damaged sweep files and settings to the reader, which must refuse each in one short line.

`python -m benchmarks.fuzz --cases 200000` is the long form; the tests run a shorter one. It writes
only in a temporary folder.
"""

import argparse
import copy
import random
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit

from benchmarks.support.options import count
from benchmarks.support.time_limit import OutOfTime, time_limit
from nncore.config import HYPERPARAMETERS, NAMES
from nncore.errors import InputError
from sweeps.config import dump_config, load_config
from sweeps.config.toml import dump_tables

LONGEST_MESSAGE = 500
LONGEST_SETTING = 120_000  # Linux allows an argument of 128 KiB
MOST_SECONDS = 2  # of processor time, so that other programs do not count
SLOW_SECONDS = 0.5

SWEEPS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[1] / "experiments" / "sweep_files").glob("*.toml"))
]
SWEEPS.append(
    tomllib.loads("""
[sweep]
name = "fuzz"
trials = 12
sampler = "random"
pruner = "halving"

[pruner]
min_resource = 2

[data]
name = "flowers.csv"
label = "species"
split = [0.6, 0.2, 0.2]

[training]
epochs = 6
hidden_units = [30, 20]

[space]
learning_rate = { low = 0.01, high = 10.0, log = true }
dropout = { low = 0.0, high = 0.5, step = 0.1 }
momentum = { low = 0.0, high = 0.9, when = { dropout = [0.3, 0.4] } }
hidden_layers = { low = 0, high = 3 }
hidden_units = { choices = [10, 20, 30] }
schedule = { choices = ["constant", "exponential"] }
schedule_decay = { low = 0.8, high = 1.0, when = { schedule = "exponential" } }

[[start]]
learning_rate = 0.5
dropout = 0.3
momentum = 0.5
hidden_units = [30, 10]
schedule = "constant"
""")
)

WRITTEN = [dump_tables(tables) for tables in SWEEPS]

OTHER_WORDS = """
sweep space training data pruner start when low high log step choices trials seed sampler
generation patience name label split hidden_layers hidden_units_1 lr min values n_trials grid
cmaes tpe halving threshold none auto 100-50 0-0 a.csv é . 0 -1
"""
WORDS = (
    *HYPERPARAMETERS,
    *(name for names in NAMES.values() for name in names),
    *OTHER_WORDS.split(),
    *("", " ", "\n", "\0", "\x1b[31m", "\u202e", "\ufeff", "x" * 600, "'", '"'),
)
NUMBERS = (
    *(0, 1, 2, 3, 10, 100, -1, 10**9, 10**9 + 1, 2**63, 10**30, 10**400, 16**4000),
    *(0.0, -0.0, 0.1, 0.1 + 0.2, 0.5, 1.0, 1e-30, 1e-31, 5e-324, 1e30, 1e308),
    *(float("inf"), float("-inf"), float("nan")),
)
TEXTS = (
    *("1e400", "-1e400", "nan", "0x" + "f" * 5000, "9" * 5000, "[" * 1000, "[" * 90 + "]" * 90),
    *("[" * 1000 + "]" * 1000, "{a=" * 600 + "1" + "}" * 600, "{}", "[]", "[[]]", "{low=1,high=9}"),
    *("{choices=[1,2]}", "{low=0.1,high=0.5,step=0.1}", "{low=1,high=1e400,log=true}", "'''", "#"),
    *("1979-05-27", "07:32:00", "2021-02-30", "true", "[1,'a',true]", "[0.7,0.15,0.15]", "\\", "="),
    *("{choices=[" + ",".join(map(str, range(2000))) + "]}", "1\nx = 2", '"\\ud800"', "x" * 6000),
)
NOISE = "[]{}=.,\"'\n\t #0919eE+-_xé\ufeff\0\\"


def main() -> None:
    """Print the counts of all cases; exit with 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=count, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun, counts = time.perf_counter(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(options.cases, options.seed, Path(folder))
        for number, (kind, detail) in enumerate(found):
            counts[kind] += 1
            if kind in FAULTS:
                print(f"case {number}: {kind}: {detail[:300]} … {detail[-900:]}", flush=True)
    seconds = time.perf_counter() - begun
    print(", ".join(f"{kind} {counts[kind]:,}" for kind in KINDS), f"in {seconds:.0f} s")
    sys.exit(any(counts[kind] for kind in FAULTS))


FAULTS = ("traceback", "hang", "long message", "not read back")
KINDS = ("valid", "refused", *FAULTS)


def outcomes(cases: int, seed: int, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the kind of each case, one of `KINDS`, and what a fault needs to be found again.

    Case k of a seed is always the same. Its sweep file is written in `folder`.
    """
    path = folder / "sweep.toml"
    for number in range(cases):
        content, settings = case(random.Random(f"{seed}-{number}"))
        path.write_bytes(content)
        yield outcome(path, settings)


def case(rng: random.Random) -> tuple[bytes, list[str]]:
    """Return the content of a sweep file and the settings of one case."""
    number, faults = rng.randrange(len(SWEEPS)), rng.choice((0, 0, 0, 1, 1, 2))
    tables, text = copy.deepcopy(SWEEPS[number]), WRITTEN[number]
    for _ in range(faults):
        _damage(rng, tables)
    if faults:
        with suppress(AttributeError, TypeError, ValueError, tomlkit.exceptions.TOMLKitError):
            text = dump_tables(tables)  # which fails if TOML cannot express the damage
    if rng.random() < 0.1:
        text = _noisy(rng, text)
    content = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        content = b"\xef\xbb\xbf" + content
    settings = [_setting(rng, tables) for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    return content, settings


def outcome(path: Path, settings: list[str]) -> tuple[str, str]:
    """Return the kind of case that a sweep file with settings is, and the details of a fault."""
    begun = time.process_time()
    try:
        with time_limit(MOST_SECONDS):
            config = load_config(path, settings)
            written = dump_config(config)
    except InputError as error:
        message = str(error)
        if len(message) > LONGEST_MESSAGE:
            return "long message", f"{len(message)} characters: {message[:200]}"
        kind = "refused"
    except OutOfTime:
        return "hang", f"{settings} {path.read_bytes()!r}"
    except Exception:
        return "traceback", f"{settings} {path.read_bytes()!r}\n{traceback.format_exc()[-1500:]}"
    else:
        path.write_text(written, "utf-8")
        again = load_config(path)
        if repr(again) != repr(config):
            return "not read back", f"{settings}\n{config!r}\n{again!r}"
        kind = "valid"
    if time.process_time() - begun > SLOW_SECONDS:
        print(f"slow: {time.process_time() - begun:.1f} s, {settings} {path.read_bytes()!r}"[:600])
    return kind, ""


def _damage(rng: random.Random, tables: dict[str, Any]) -> None:
    """Change one thing in the tables: a value, a key, or what belongs to what."""
    parent, key = _place(rng, tables)
    kind = rng.choice(("value", "value", "value", "delete", "add", "rename", "move", "wrap"))
    if kind == "value":
        parent[key] = _value(rng)
    elif kind == "delete":
        del parent[key]
    elif kind == "wrap":
        parent[key] = rng.choice(([parent[key]], {rng.choice(WORDS): parent[key]}))
    elif isinstance(parent, list):
        parent.append(_value(rng))
    elif kind == "add":
        parent[rng.choice(WORDS)] = _value(rng)
    elif kind == "rename":
        parent[rng.choice(WORDS)] = parent.pop(key)
    else:
        other, place = _place(rng, tables)
        other[place] = copy.deepcopy(parent[key])


def _place(rng: random.Random, tables: dict[str, Any]) -> tuple[Any, Any]:
    """Return a random table or array and one of its keys or indices."""
    places: list[tuple[Any, Any]] = []

    def collect(parent: Any) -> None:
        for key, value in parent.items() if isinstance(parent, dict) else enumerate(parent):
            places.append((parent, key))
            if isinstance(value, dict | list):
                collect(value)

    collect(tables)
    return rng.choice(places) if places else (tables, tables.setdefault("sweep", "sweep"))


def _value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 3 else 5)
    if kind < 2:
        return rng.choice(NUMBERS)
    if kind < 4:
        return rng.choice(WORDS)
    if kind == 4:
        return rng.random() < 0.5
    if kind == 5:
        return [_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return {rng.choice(WORDS): _value(rng, depth + 1) for _ in range(rng.randrange(4))}
    return copy.deepcopy(rng.choice(list(rng.choice(SWEEPS)["space"].values())))


def _setting(rng: random.Random, tables: dict[str, Any]) -> str:
    """Return a text "section.key=value", often with a fault."""
    parts = [rng.choice((*SWEEPS[-1], rng.choice(WORDS)))]
    table: Any = tables.get(parts[0])
    while rng.random() < 0.8 and len(parts) < 6:
        keys = list(table) if isinstance(table, dict) else ["0", "1", "-1", "9" * 5000]
        parts.append(rng.choice(keys) if keys and rng.random() < 0.8 else rng.choice(WORDS))
        table = table.get(parts[-1]) if isinstance(table, dict) else None
    key = ".".join(parts) if rng.random() < 0.98 else ".".join(parts * 500)[:LONGEST_SETTING]
    if rng.random() < 0.5:
        value = rng.choice(TEXTS)
    else:
        value = rng.choice(WORDS)
        with suppress(TypeError, ValueError, tomlkit.exceptions.TOMLKitError):
            value = tomlkit.item(_value(rng)).as_string()
    text = f"{key}={value}" if rng.random() < 0.95 else key
    return _noisy(rng, text) if rng.random() < 0.1 else text


def _noisy(rng: random.Random, text: str) -> str:
    """Return `text` with a few characters inserted, deleted or doubled."""
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(text) + 1)
        end = place + rng.choice((0, 0, 1, 5))
        text = text[:place] + rng.choice((*NOISE, "", text[place:end] * 2)) + text[end:]
    return text


if __name__ == "__main__":
    main()
