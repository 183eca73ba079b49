"""How the help looks: RUN for an argument that is needed, [FILE] for another, and whole words.

typer alone shows {RUN} <path>, and breaks lines at the hyphens of words.
"""

from collections.abc import Iterable
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}
"""The context settings by which every command takes both options."""

SENTENCE = 70
"""The length of the longest first sentence of a command's help."""

HYPHEN = "\N{NON-BREAKING HYPHEN}"


class _WholeWords:
    """A formatter of typer that breaks no line inside a word."""

    def __init__(self, formatter: Any) -> None:
        self._formatter = formatter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._formatter, name)

    def write_text(self, text: str) -> None:
        """Write a text as paragraphs."""
        self._formatter.write_text(text.replace("-", HYPHEN))

    def write_dl(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write names and their meanings."""
        self._formatter.write_dl([(name, text.replace("-", HYPHEN)) for name, text in rows])


class Command(TyperCommand):
    """A command of nnsweep."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the line that shows how to call the command."""
        arguments = [p for p in self.get_params(ctx) if isinstance(p, TyperArgument)]
        return [self.options_metavar or "", *map(_shown, arguments)]

    def get_help(self, ctx: Any) -> str:
        """Return the help, with plain hyphens."""
        return super().get_help(ctx).replace(HYPHEN, "-")

    def get_short_help_str(self, limit: int = SENTENCE) -> str:
        """Return the first sentence of the help, whole in lists and for shells."""
        return super().get_short_help_str(max(limit, SENTENCE))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, without a line break inside a word."""
        super().format_help(ctx, _WholeWords(formatter))  # type: ignore[arg-type]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options with their meanings."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            name, meaning = parameter.get_help_record(ctx) or ("", "")
            if isinstance(parameter, TyperArgument):
                sections["Arguments"].append((_shown(parameter), meaning))
            elif name:
                sections["Options"].append((name, meaning))
        for title, rows in sections.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class CommandGroup(TyperGroup):
    """A command of nnsweep that has commands of its own."""

    def get_help(self, ctx: Any) -> str:
        """Return the help, with plain hyphens."""
        return super().get_help(ctx).replace(HYPHEN, "-")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, without a line break inside a word."""
        super().format_help(ctx, _WholeWords(formatter))  # type: ignore[arg-type]


def _shown(argument: TyperArgument) -> str:
    name = argument.metavar or argument.name
    shown = name if argument.required else f"[{name}]"
    return f"{shown}..." if argument.nargs != 1 else shown
