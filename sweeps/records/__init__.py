"""Reads and writes every file of a run but its Optuna study.

`run_folder` (`RunFolder`) writes the tables; `outcomes`, `confirmed_networks` and `kept_arms` keep
finished work; `environment_record`, `confirmation_record` and `ablation_record` are JSON files with
a format number (`record_format`). `csv_rows` formats tables, `atomic_files` writes bytes,
`data_file` finds the user's data again, and `file_names` lists the names of the files.
"""
