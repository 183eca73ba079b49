"""Readers of file formats: each reads an untrusted file and returns its arrays.

`csv_table` (`read_csv`), `npz` (`read_npz`), `idx` (`read_idx`). To add a format, add a module
here, its suffix in `nncore.datasets.data_source`, and a branch in both readers of
`nncore.datasets.user_file`.
"""
