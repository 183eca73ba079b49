"""The space that a sweep searches: its dimensions, its conditions, and points in it.

`dimensions` (`Range`, `Choices`, `Space`, `Params`), `conditions` (`when`), `hidden_layers`,
`start_points` and `distributions` (the space in Optuna's form).
"""
