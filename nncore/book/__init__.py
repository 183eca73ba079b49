"""The book's own modules, built on this package: a notebook needs only new imports.

`from nncore.book import mnist_loader, network2`. The other modules serve `network2`: `shuffle`
(Python 2's shuffle), `costs`, `examples` (the book's pairs as rows), `network_file`,
`printed_lines`.
"""
