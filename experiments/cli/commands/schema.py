"""`nnsweep schema`: print the JSON schema of the sweep file.

`nnsweep init` writes it beside the sweep file; this command is for sweep files that have none.
"""

import typer

from experiments.cli.schema_file import schema_text


def schema() -> None:
    """Print the JSON schema of the sweep file, for editors.

    An editor that knows the schema completes and checks a sweep file while you type. `nnsweep init`
    writes the schema to sweep.schema.json and names it in the first line of the sweep file:
    `#:schema ./sweep.schema.json`.
    """
    typer.echo(schema_text(), nl=False)
