"""Records: every file of a run, and the study that Optuna's tools see.

`run_folder` (`RunFolder`) writes the tables, `outcomes` and `confirmed_networks` keep finished
work,
`optuna_study` and `database` hold Optuna's view; `atomic_files` and `csv_rows` write and read.
"""
