"""Readers of file formats: each reads an untrusted file and returns its arrays.

A user's file is read by `csv_table` (`read_table`), for which `delimited` finds how the table is
written, or by `npz` (`read_npz`). `idx` (`read_idx`) reads published files only. To add a format
for users, add a module here, and a branch for its suffix in `read_inputs` and `_read_examples` of
`nncore.datasets.user_file`. `docs/architecture.md` lists the
other places that name the formats.
"""
