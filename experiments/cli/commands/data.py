"""`nnsweep data`: list the data sets by name, fetch one, or describe a data set or your own file.

A data set is fetched automatically when a command needs it; `fetch` does so in advance.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.completion import data_sets
from experiments.cli.dataset_facts import SPLITS, dataset_facts
from experiments.cli.help_text import Command, CommandGroup
from experiments.cli.json_output import print_json
from experiments.cli.messages import data_notes
from experiments.cli.options import (
    OWN_FILE,
    DataSettings,
    Group,
    Ignore,
    Image,
    Json,
    Label,
    Scale,
    Split,
    Target,
    data_source,
)

if TYPE_CHECKING:
    from nncore.datasets import DataSet, DataSource

app = typer.Typer(
    cls=CommandGroup, help="List, fetch and describe data sets.", invoke_without_command=True
)


@app.callback()
def options(context: typer.Context) -> None:
    """List, fetch and describe data sets."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list", cls=Command)
def list_datasets() -> None:
    """List the data sets by name.

    "Fetched" means that the data set is ready on this machine. Others are fetched automatically
    when a command needs them.
    """
    from experiments.cli.tables import print_table
    from nncore.datasets import dataset_info, dataset_names

    rows = []
    for about in map(dataset_info, dataset_names()):
        sizes = [f"{size:,}" for size in about.sizes]
        ready = "yes" if about.cached else "no"
        rows.append([about.name, *sizes, ready, about.description, about.license])
    print_table(["name", "train", "validation", "test", "fetched", "description", "license"], rows)


@app.command(cls=Command)
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", autocompletion=data_sets, help="A name from `nnsweep data list`."
        ),
    ],
) -> None:
    """Fetch a data set, so that later commands work offline.

    The source is an installed package, a file in the folder $NNSWEEP_DATA_DIR or the internet.
    """
    from nncore.datasets import fetch_dataset

    typer.echo(f"{name} is ready in {fetch_dataset(name)}")


@app.command(cls=Command)
def info(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            autocompletion=data_sets,
            help=f"A name from `nnsweep data list`, or {OWN_FILE}.",
        ),
    ],
    label: Label = None,
    target: Target = None,
    ignore: Ignore = None,
    group: Group = None,
    folds: Annotated[
        int | None,
        typer.Option(
            metavar="K",
            help="Also divide the training and validation rows into this many folds, as "
            "`data.folds` of a sweep file does, and print their sizes.",
        ),
    ] = None,
    split: Split = None,
    scale: Scale = None,
    image: Image = None,
    settings: DataSettings = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Also draw ten images of each class to this file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Describe a data set: its inputs, classes or targets, and scaling.

    It prints the kind of each column of a table with the number of its different values and empty
    cells, and the number of training, validation and test examples in each class; for regression,
    the range, mean and standard deviation of each target.
    """
    from nncore.datasets import load_dataset
    from nncore.datasets.splitting import MOST_PARTS
    from nncore.errors import InputError, require

    rule = f"be from 2 to {MOST_PARTS:,}"
    require(folds is None or 2 <= folds <= MOST_PARTS, "--folds", rule, folds)
    dataset = load_dataset(
        data_source(name, label, target, ignore, group, split, scale, image, settings)
    )
    if sheet:
        if dataset.image_shape is None:
            raise InputError(f"`--sheet` must be used with images, but {name} contains none")
        if not dataset.classes:
            raise InputError(f"`--sheet` must be used with classes, but {name} has targets")
        _write_sheet(dataset, sheet)
    facts, notes = dataset_facts(dataset, folds), data_notes(dataset)
    if as_json:
        print_json({**facts, "warnings": [note.removeprefix("warning: ") for note in notes]})
        return
    _print_facts(dataset, facts)
    for note in notes:
        typer.echo(note, err=True)
    if sheet:
        typer.echo(f"\nwrote {sheet}")
    elif dataset.image_shape and dataset.classes:
        typer.echo("\nTo see the images: --sheet FILE.png draws ten of each class.")


def _print_facts(dataset: "DataSet", facts: Mapping[str, Any]) -> None:
    _describe(dataset, facts)
    if dataset.columns:
        _print_columns(dataset)
    if facts["classes"]:
        _print_classes(facts)
    else:
        _print_targets(facts)
    if facts["folds"]:
        _print_folds(facts)


def _write_sheet(dataset: "DataSet", path: Path) -> None:
    from nncore.errors import InputError
    from results.drawing.contact_sheet import draw_contact_sheet

    if path.suffix.lower() != ".png":
        raise InputError(f"`--sheet` must be a .png file, got {path}")
    try:
        draw_contact_sheet(dataset, path)
    except OSError as error:
        rule = f"`--sheet` must be a writable file, got {path}"
        raise InputError(f"{rule}: {error.strerror}") from error


def _describe(dataset: "DataSet", facts: Mapping[str, Any]) -> None:
    source, file = dataset.source, facts["file"]
    if file:
        typer.echo(f"{source.name}: {_split(source)}")
        typer.echo(f"file: {file['path']}, sha256 {file['sha256']}")
        if table := file["table"]:
            written = f"separator {table['separator']!r}, decimal {table['decimal']!r}"
            typer.echo(f"table: {written}, {table['encoding']}")
    else:
        typer.echo(f"{source.name}: {facts['description']}")
        typer.echo(f"source: {facts['source']}; license: {facts['license']}")
    images = ", images of {} × {}".format(*facts["image"]) if facts["image"] else ""
    typer.echo(f"inputs: {facts['inputs']} features{images}")
    typer.echo(f"scale: {_scaling(dataset)}")
    typer.echo(f"content: sha256 {facts['sha256']}")


def _split(source: "DataSource") -> str:
    """Return how the rows of a file are split."""
    from nncore.datasets.array_file import has_test_set

    shares = list(map(str, source.split))
    if not source.is_table and has_test_set(Path(source.path)):
        return f"its own test set, other rows {' : '.join(shares[:2])} (training : validation)"
    return f"split {' / '.join(shares)} (training / validation / test)"


SCALED = {
    "none": "raw inputs are not scaled",
    "unit": "each input ranges from 0 to 1 over the training rows",
    "standard": "each input has mean 0 and standard deviation 1 over the training rows",
}


def _scaling(dataset: "DataSet") -> str:
    if not dataset.source.is_file:
        return f"raw inputs are divided by {dataset.scaling.scale:g}"
    import numpy as np

    from nncore.datasets.formats.table import listed

    constant = np.flatnonzero(np.isinf(dataset.scaling.scale))
    names = dataset.scaling.names
    which = f": {listed([names[k] for k in constant])}" if names else ""
    zero = f"; constant inputs ({len(constant)}{which}) become 0" if len(constant) else ""
    return f"{dataset.source.scale}, {SCALED[dataset.source.scale]}{zero}"


def _print_classes(facts: Mapping[str, Any]) -> None:
    from experiments.cli.tables import print_table
    from results.number_text import percent

    sizes = {one["name"]: sum(one[split] for split in SPLITS) for one in facts["classes"]}
    rarest, *_, commonest = sorted(sizes, key=sizes.__getitem__)  # two classes, also of a tie
    total = sum(sizes.values())
    typer.echo(
        f"classes: {len(sizes)}, from {percent(sizes[rarest] / total)} of all examples (class "
        f"{rarest}) to {percent(sizes[commonest] / total)} (class {commonest})\n"
    )
    rows = [{"name": "all", **facts["examples"]}]
    cells = [[r["name"], *(f"{r[k]:,}" for k in SPLITS)] for r in (*facts["classes"], *rows)]
    print_table(["class", *SPLITS], cells)


def _print_targets(facts: Mapping[str, Any]) -> None:
    from experiments.cli.tables import print_table
    from results.number_text import in_four_digits

    targets = facts["targets"]
    listed = ", ".join(target["name"] for target in targets)
    typer.echo(f"{'targets' if len(targets) > 1 else 'target'}: {listed}\n")
    rows = []
    for target in targets:
        for split in SPLITS:
            numbers = map(in_four_digits, target[split].values())
            rows.append([target["name"], split, f"{facts['examples'][split]:,}", *numbers])
    print_table(["target", "split", "examples", "lowest", "highest", "mean", "deviation"], rows)


def _print_columns(dataset: "DataSet") -> None:
    from experiments.cli.tables import print_table
    from nncore.datasets.formats.table import listed, short

    rows = [
        [
            column.name,
            column.kind,
            *map("{:,}".format, (column.values, column.empty, column.inputs)),
        ]
        for column in dataset.columns
    ]
    typer.echo()
    print_table(["column", "kind", "values", "empty", "inputs"], rows)
    typer.echo()
    several = [column for column in dataset.scaling.encoding or () if len(column.inputs) > 1]
    for column in several:
        typer.echo(f"inputs of {short(column.name)}: {listed(column.inputs)}")
    if several:
        typer.echo()


def _print_folds(facts: Mapping[str, Any]) -> None:
    from experiments.cli.tables import print_table

    rows = [
        [str(number), f"{fold['train']:,}", f"{fold['validation']:,}"]
        for number, fold in enumerate(facts["folds"])
    ]
    typer.echo()
    print_table(["fold", "train", "validation"], rows)
