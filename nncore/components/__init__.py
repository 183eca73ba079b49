"""The parts of a network and its training: catalogues of small pure functions, by name.

`ACTIVATIONS`, `COSTS`, `INITIALIZERS`, `REGULARIZERS` and `SCHEDULES` map the names in a config to
entries. To add an activation, add an entry in `activations` and explain it in `docs/network.md`.
`dropout` and `stopping` hold rules.
"""
