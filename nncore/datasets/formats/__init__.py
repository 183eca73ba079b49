"""Readers of file formats: each reads an untrusted file and returns its arrays.

Tables are read by `csv_table`, for which `delimited` finds how the table is written and `csv_quick`
reads it if it can, by `arff` and by `parquet`; all return a `Table` of `table`, and `image_columns`
recognises images in one. Arrays are read by `npz`, `npy` and `idx`, and `beside` finds the files
that belong together. To add a format, add a module here, and a branch for its suffix in
`nncore.datasets.table_file` or `nncore.datasets.array_file`. `docs/architecture.md` lists the other
places that name the formats.
"""
