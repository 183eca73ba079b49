"""The programs that people run, on top of `sweeps` and `results`.

`cli` is the `nnsweep` command, `chapter3` reproduces the third chapter of the book, and
`sweep_files` holds ready-made sweep files. Nothing here is imported by the other three packages.
"""
