"""The programs that people run: the `nnsweep` command, its sweep files and the book's chapter 3.

`cli` is the command, `sweeps` holds sweep files that are ready to run, `chapter3` repeats the book.
"""
