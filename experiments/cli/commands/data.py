"""`nnsweep data`: list the data sets by name, fetch one, or describe a data set or your own file.

A data set is fetched automatically when a command needs it; `fetch` does so in advance.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.completion import data_sets
from experiments.cli.help_text import Command, CommandGroup
from experiments.cli.messages import data_notes
from experiments.cli.options import (
    OWN_FILE,
    DataSettings,
    Group,
    Ignore,
    Image,
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
    _describe(dataset)
    if dataset.columns:
        _print_columns(dataset)
    if dataset.targets is None:
        _print_classes(dataset)
    else:
        _print_targets(dataset)
    if folds is not None:
        _print_folds(dataset, folds)
    for note in data_notes(dataset):
        typer.echo(note, err=True)
    if sheet:
        typer.echo(f"\nwrote {sheet}")
    elif dataset.image_shape and dataset.classes:
        typer.echo("\nTo see the images: --sheet FILE.png draws ten of each class.")


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


def _describe(dataset: "DataSet") -> None:
    from nncore.datasets import dataset_info

    source = dataset.source
    if source.is_delimited:
        from nncore.datasets.formats.delimited import find_dialect

        found = find_dialect(Path(source.path), source.dialect)
        written = f"separator {found.separator!r}, decimal {found.decimal!r}, {found.encoding}"
    if source.is_file:
        typer.echo(f"{source.name}: {_split(source)}")
        typer.echo(f"file: {source.path}, sha256 {source.sha256}")
        if source.is_delimited:
            typer.echo(f"table: {written}")
    else:
        about = dataset_info(source.name)
        typer.echo(f"{source.name}: {about.description}")
        typer.echo(f"source: {about.source}; license: {about.license}")
    height_width = dataset.image_shape
    images = f", images of {height_width[0]} × {height_width[1]}" if height_width else ""
    typer.echo(f"inputs: {dataset.train.x.shape[1]} features{images}")
    typer.echo(f"scale: {_scaling(dataset)}")
    typer.echo(f"content: sha256 {dataset.sha256}")


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


def _print_classes(dataset: "DataSet") -> None:
    import numpy as np

    from experiments.cli.tables import print_table

    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = {k: np.bincount(s.labels, minlength=len(dataset.classes)) for k, s in splits.items()}
    total = np.sum(list(counts.values()), axis=0)
    fractions = total / total.sum()
    rarest, *_, commonest = fractions.argsort(kind="stable").tolist()  # two classes, also of a tie
    typer.echo(
        f"classes: {len(dataset.classes)}, from {fractions[rarest]:.1%} of all examples (class "
        f"{dataset.classes[rarest]}) to {fractions[commonest]:.1%} "
        f"(class {dataset.classes[commonest]})\n"
    )
    rows = [
        [label, *(f"{counts[split][k]:,}" for split in splits)]
        for k, label in enumerate(dataset.classes)
    ]
    rows.append(["all", *(f"{len(split):,}" for split in splits.values())])
    print_table(["class", *splits], rows)


def _print_targets(dataset: "DataSet") -> None:
    from experiments.cli.tables import print_table
    from results.number_text import in_four_digits

    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    names = (dataset.targets and dataset.targets.names) or ()
    typer.echo(f"{'targets' if len(names) > 1 else 'target'}: {', '.join(names)}\n")
    rows = []
    for k, name in enumerate(names):
        for split, part in splits.items():
            values = part.labels[:, k]
            numbers = values.min(), values.max(), values.mean(), values.std()
            rows.append([name, split, f"{len(part):,}", *map(in_four_digits, numbers)])
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


def _print_folds(dataset: "DataSet", folds: int) -> None:
    from dataclasses import replace

    from experiments.cli.tables import print_table
    from nncore.datasets import Fold, load_dataset

    rows = []
    for number in range(folds):
        fold = load_dataset(replace(dataset.source, part=Fold(number, folds)))
        rows.append([str(number), f"{len(fold.train):,}", f"{len(fold.validation):,}"])
    typer.echo()
    print_table(["fold", "train", "validation"], rows)
