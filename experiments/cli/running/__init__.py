"""The parts of `nnsweep run` around the sweep itself.

`dry_run` shows a sweep before it runs, `progress` while it runs, and `run_end` writes the report
and prints the result and the next commands.
"""
