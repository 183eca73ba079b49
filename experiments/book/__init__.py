"""Chapters 1 to 3 of the book, reproduced: the author's runs replayed, each question studied again.

Reading order: `arms` (the settings to train), `arm_runs` (the measurements), `intervals`, `units`,
`verdicts` and `exact_verdicts` (whether a claim is reproduced), `book_files` (the author's
results), `study` (a question with all of these). Subpackages: `training` runs arms, `figures`
draws, `studies` are the questions, `replays` repeats the author's own runs, `report` writes run
folders and pages.
"""
