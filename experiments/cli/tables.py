"""Plain tables on the terminal, the same for every command."""

from collections.abc import Sequence


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `header`; cells that look like numbers stand to the right.

    Cells are shown as they are: nothing in them is taken for markup. Off a terminal no line is cut
    or wrapped.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, title in enumerate(header):
        numeric = all(_is_number(row[column]) for row in rows)
        table.add_column(title, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    console.print(table) if console.is_terminal else Console(width=1000).print(table)


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("%", "").replace("e-", "").isdigit()
