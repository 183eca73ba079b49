"""Measurements of time and memory, run by hand on a quiet machine for docs/performance.md.

Most modules are commands, such as `python -m benchmarks.peers`.
"""
