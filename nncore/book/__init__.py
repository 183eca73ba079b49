"""The book's own programs of chapters 1 to 3, built on this package: a notebook needs a new import.

`from nncore.book import mnist_loader, network, network2`. Of the other modules, `shuffle` has the
switch to Python 3's shuffle. `sigmoid_network` is what both networks share, and `epochs` has their
two ways to train: the fast one, and the book's loop through what a reader overrides. `costs`,
`examples` (the book's pairs), `keywords`, `monitoring` and `network_file` serve them.
"""
