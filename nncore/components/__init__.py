"""What a network and its training are made of: catalogues of small pure functions, by name.

`ACTIVATIONS`, `COSTS`, `INITIALIZERS`, `REGULARIZERS` and `SCHEDULES` map the names of a config to
entries; a new activation is an entry in `activations`. `dropout` and `stopping` are rules.
"""
