"""How long a test waits for something that takes seconds on a quiet machine.

Tests never depend on the clock otherwise; this limit only ends a wait that is in vain.
"""

PATIENCE = 600.0
"""Seconds; enough for a busy machine that is ten times slower than usual."""
