"""The space of a sweep: its dimensions, their conditions, and points in it.

`dimensions` (`Range`, `Choices`, `Space`, `Params`), `plain_values` (what a sweep file can hold),
`conditions` (`when`), `hidden_layers`, `start_points`, `grid_cells` and `distributions` (the space
as Optuna distributions).
"""
