"""Runs the arms of studies through the workers of a sweep, and keeps each outcome once.

`engine` (`Plan`) trains what is missing, `cache_key` names an outcome; `search` and `svm` run the
arms that are not a single network.
"""
