"""The `nnsweep` command: `app` registers the commands, `commands` has one module per command.

A command parses its arguments, calls the layers below and prints. Heavy imports are made inside
the commands, which keeps `nnsweep --help` fast. `running` shows a sweep before, during and after
its run. The other modules here are shared by commands.
"""
