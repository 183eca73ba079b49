"""The columns of tables: their kinds, and the inputs that they become.

`kinds` finds the kind of each column, with the help of `dates` and `identifiers`; `inputs` turns
the columns into numbers; `labels` guesses which of them holds the classes.
"""
