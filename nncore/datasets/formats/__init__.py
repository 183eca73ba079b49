"""Readers of file formats: each reads an untrusted file and returns its arrays.

`csv_table` (`read_csv`), `npz` (`read_npz`), `idx` (`read_idx`). To add a format, add a module here
and a branch in `nncore.datasets.tabular`.
"""
