"""Reads and writes every file of a run, and its Optuna study.

`run_folder` (`RunFolder`) writes the tables; `outcomes` and `confirmed_networks` keep finished
work; `environment_record` and `confirmation_record` are JSON files with a format number
(`record_format`). `optuna_study` (`OptunaStudy`) and `database` hold the study; `csv_rows` formats
tables, `atomic_files` writes bytes, and `file_names` lists the names of the files.
"""
