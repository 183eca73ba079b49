"""The `nnsweep` command: one thin module per group of commands, put together in `app`.

Each parses, makes one call into the layers below, and prints; heavy imports wait inside the
commands, so that `nnsweep --help` answers at once.
"""
