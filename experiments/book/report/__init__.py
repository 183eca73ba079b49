"""The output of finished studies: tables, verdicts, figures and the pages under `docs/`.

Reading order: `study_folder` (the tables of one study), `study_report` (its whole run folder),
`pages` (`docs/book/` from the run folders of all studies).
"""
