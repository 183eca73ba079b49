"""The checks of a run: coded questions that a careful reader asks before believing its result."""
