"""The programs that people run, on top of `sweeps` and `results`.

`cli` is the `nnsweep` command, `book` reproduces chapters 1 to 3 of the book, and
`sweep_files` holds ready-made sweep files. Nothing here is imported by the other three packages.
"""
