"""`nnsweep data`: which data sets there are, how to get them, and what is in them."""

from typing import Annotated

import typer

app = typer.Typer(help="List, fetch and describe data sets.", no_args_is_help=True)

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
def info(name: Name) -> None:
    """Describe a data set: shapes, classes and how many examples each class has."""
    import numpy as np

    from experiments.cli.tables import print_table
    from nncore.datasets import dataset_info, load_dataset

    about, dataset = dataset_info(name), load_dataset(name)
    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    typer.echo(f"{name}: {about.description}")
    typer.echo(f"source: {about.source}; licence: {about.licence}")
    height_width = dataset.image_shape
    images = f", images of {height_width[0]} × {height_width[1]}" if height_width else ""
    typer.echo(f"inputs: {dataset.train.x.shape[1]} features{images}")
    typer.echo(f"scale: raw inputs are divided by {dataset.scale:g}")
    typer.echo(f"content: sha256 {dataset.sha256}\n")
    counts = {k: np.bincount(s.labels, minlength=len(dataset.classes)) for k, s in splits.items()}
    rows = [
        [label, *(f"{counts[split][k]:,}" for split in splits)]
        for k, label in enumerate(dataset.classes)
    ]
    rows.append(["all", *(f"{len(split):,}" for split in splits.values())])
    print_table(["class", *splits], rows)
