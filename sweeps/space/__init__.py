"""The space of a sweep: its dimensions, their conditions, and points in it.

`dimensions` (`Range`, `Choices`, `Space`, `Params`), `conditions` (`when`), `hidden_layers`,
`start_points`, `grid_cells`, `plain_values` (of a sweep file) and `distributions` (the space as Optuna
distributions).
"""
