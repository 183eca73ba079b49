"""The book's own modules, on top of this package: a notebook changes its imports and nothing else.

`from nncore.book import mnist_loader, network2`. `examples` holds what they share: the book's form
of an example and Python 2's shuffle (`BookShuffler`).
"""
