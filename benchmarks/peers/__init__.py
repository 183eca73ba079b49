"""The same networks, trained by this project and by its peers.

`programs` holds one short module per program, `catalogue` lists them, `process` runs each in its
own process, `comparison` computes the figures.
"""
