"""One thin module per command: parse the arguments, make one call, print, return an exit code.

`app` registers them. A new command is a function here and a line there.
"""
