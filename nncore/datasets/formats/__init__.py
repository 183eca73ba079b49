"""Readers of file formats: each takes a file that anyone may have made and returns arrays.

`csv_table` (`read_csv`), `npz` (`read_npz`), `idx` (`read_idx`). A new format is a module here and
a branch in `nncore.datasets.tabular`.
"""
