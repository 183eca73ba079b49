"""From finished runs to what a reader sees: tables, verdicts, figures and pages.

`study_folder` writes and reads a study's folder, `study_report` writes all of one study, `pages`
writes `docs/chapter3/`.
"""
