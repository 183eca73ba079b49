"""The Optuna study of a run: the trials that a sampler and Optuna's tools read.

`optuna_study` (`OptunaStudy`) adds trials and their results; `database` opens the storage that
holds the study: a journal in the run folder, SQLite, PostgreSQL or MySQL.
"""
