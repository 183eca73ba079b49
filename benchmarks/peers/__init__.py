"""The same networks, trained by this project and by its peers: one short module for each program.

`catalogue` lists them, `process` runs each one by itself, `comparison` makes figures of its times.
"""
