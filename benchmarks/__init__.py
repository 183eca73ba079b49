"""Measurements of time and memory, run by hand on a quiet machine; docs/performance.md reads them.

Each module is a command of its own: `python -m benchmarks.peers`, and so on.
"""
