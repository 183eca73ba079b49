"""The space of a sweep: its dimensions, their conditions, and points in it.

`dimensions` (`Range`, `Choices`, `Space`, `Params`), `plain_values` (what a sweep file can hold),
`faults` (what is wrong with a value), `conditions` (`when`), `hidden_layers`, `start_points`,
`grid_cells` and `distributions` (the space as Optuna distributions).
"""
