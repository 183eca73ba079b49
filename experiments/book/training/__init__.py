"""Trains the arms of studies in worker processes and stores each outcome once.

Reading order: `run_arm` (one run, by the type of the arm), `classifiers` with `svm` and `darkness`,
`speed` and `search` (the runs that are not the training of a single network), `cache_key` and
`outcome_store` (stored runs), `study_runner` (`StudyRunner`, the loop over all runs).
"""
