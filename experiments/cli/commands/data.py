"""`nnsweep data`: which data sets there are, how to get them, and what is in them or in a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nncore.datasets import DataSet, DataSource

app = typer.Typer(help="List, fetch and describe data sets.", invoke_without_command=True)


@app.callback()
def options(context: typer.Context) -> None:
    """List, fetch and describe data sets."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


Name = Annotated[str, typer.Argument(help="A name from `nnsweep data list`.")]


@app.command("list")
def list_datasets() -> None:
    """List the data sets."""
    from experiments.cli.tables import print_table
    from nncore.datasets import dataset_info, dataset_names

    rows = []
    for about in map(dataset_info, dataset_names()):
        sizes = [f"{size:,}" for size in about.sizes]
        ready = "yes" if about.cached else "no"
        rows.append([about.name, *sizes, ready, about.description, about.licence])
    print_table(["name", "train", "validation", "test", "ready", "what", "licence"], rows)


@app.command()
def fetch(name: Name) -> None:
    """Make a data set ready for use, from its package, your files or the network."""
    from nncore.datasets import fetch_dataset

    typer.echo(f"{name} is ready in {fetch_dataset(name)}")


@app.command()
def info(
    name: Annotated[
        str, typer.Argument(help="A name from `nnsweep data list`, or an .npz or .csv file.")
    ],
    label: Annotated[str | None, typer.Option(help="Column of classes in a .csv file.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Shares of a file's rows, as in 0.7,0.15,0.15.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Of a file's inputs: unit, standard or none.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write ten images of each class to this .png file.")
    ] = None,
) -> None:
    """Describe a data set: shapes, classes and how many examples each class has."""
    from nncore.datasets import load_dataset
    from nncore.errors import InputError

    dataset = load_dataset(data_source(name, label, split, scale))
    if sheet:
        if dataset.image_shape is None:
            raise InputError(f"`--sheet` must go with images, got no images in {name}")
        _write_sheet(dataset, sheet)
    _describe(dataset)
    _print_classes(dataset)
    if sheet:
        typer.echo(f"\nwrote {sheet}")
    elif dataset.image_shape:
        typer.echo("\n--sheet FILE.png writes ten images of each class")


def data_source(name: str, label: str | None, split: str | None, scale: str | None) -> "DataSource":
    """Return the data set that the options of a command mean; None is an option not given."""
    from nncore.datasets import DataSource
    from nncore.errors import InputError

    given: dict[str, Any] = {} if scale is None else {"scale": scale}
    if split is not None:
        try:
            given["split"] = tuple(float(share) for share in split.split(","))
        except ValueError as error:
            rule = "`--split` must be three shares like 0.7,0.15,0.15"
            raise InputError(f"{rule}, got {split!r}") from error
    return DataSource(name, label, **given)


def _write_sheet(dataset: "DataSet", path: Path) -> None:
    from nncore.errors import InputError
    from results.contact_sheet import draw_sheet

    if path.suffix.lower() != ".png":
        raise InputError(f"`--sheet` must be a .png file, got {path}")
    try:
        draw_sheet(dataset, path)
    except OSError as error:
        rule = f"`--sheet` must be a writable file, got {path}"
        raise InputError(f"{rule}: {error.strerror}") from error


def _describe(dataset: "DataSet") -> None:
    from nncore.datasets import dataset_info

    source = dataset.source
    if source.is_file:
        typer.echo(f"{source.name}: your file, split {' / '.join(map(str, source.split))}")
        typer.echo(f"file: {source.path}, sha256 {source.sha256}")
    else:
        about = dataset_info(source.name)
        typer.echo(f"{source.name}: {about.description}")
        typer.echo(f"source: {about.source}; licence: {about.licence}")
    height_width = dataset.image_shape
    images = f", images of {height_width[0]} × {height_width[1]}" if height_width else ""
    typer.echo(f"inputs: {dataset.train.x.shape[1]} features{images}")
    typer.echo(f"scale: {_scaling(dataset)}")
    typer.echo(f"content: sha256 {dataset.sha256}")


SCALED = {
    "none": "raw inputs are taken as they are",
    "unit": "each input is spread from 0 to 1 over the training rows",
    "standard": "each input has mean 0 and deviation 1 over the training rows",
}


def _scaling(dataset: "DataSet") -> str:
    if not dataset.source.is_file:
        return f"raw inputs are divided by {dataset.scaling.scale:g}"
    import numpy as np

    constant = np.count_nonzero(np.isinf(dataset.scaling.scale))
    zero = f"; {constant} constant in them are 0" if constant else ""
    return f"{dataset.source.scale}, {SCALED[dataset.source.scale]}{zero}"


def _print_classes(dataset: "DataSet") -> None:
    import numpy as np

    from experiments.cli.tables import print_table

    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = {k: np.bincount(s.labels, minlength=len(dataset.classes)) for k, s in splits.items()}
    total = np.sum(list(counts.values()), axis=0)
    shares = total / total.sum()
    rarest, commonest = shares.argmin(), shares.argmax()
    typer.echo(
        f"classes: {len(dataset.classes)}, from {shares[rarest]:.1%} of all examples "
        f"({dataset.classes[rarest]}) to {shares[commonest]:.1%} ({dataset.classes[commonest]})\n"
    )
    rows = [
        [label, *(f"{counts[split][k]:,}" for split in splits)]
        for k, label in enumerate(dataset.classes)
    ]
    rows.append(["all", *(f"{len(split):,}" for split in splits.values())])
    print_table(["class", *splits], rows)
