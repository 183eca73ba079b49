"""Readers of file formats: each reads an untrusted file and returns its arrays.

Tables are read by `csv_table` and `arff`, and `image_columns` recognises images in them; arrays by
`npz`, `npy` and `idx`, and `beside` finds the files that belong together. To add a format,
add a module here, and a branch for its suffix in `nncore.datasets.user_file` (tables) or
`nncore.datasets.array_file`. `docs/architecture.md` lists the other places that name the formats.
"""
