"""The parts of a network and its training: catalogues of small pure functions, by name.

`ACTIVATIONS`, `CLASS_WEIGHTS`, `COSTS`, `INITIALIZERS`, `REGULARIZERS` and `SCHEDULES` map the
names in a config to entries. To add an activation, add an entry in `activations`, explain it in
`docs/network.md` and name it in the help of `nnsweep train`; "Where to add something" in
`docs/architecture.md` lists all places. `dropout`, `max_norm` and `stopping` hold rules.
"""
