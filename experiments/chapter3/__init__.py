"""Chapter 3 of the book, reproduced: its published files replayed, its questions asked over seeds.

Reading order: `book` (the author's files), `arms` (what is trained, once), `replay`, `replays`;
then `study` (a question and its verdict), `studies` (one module of data each), `engine`, `report`,
`pages`.
"""
