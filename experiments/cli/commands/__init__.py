"""One module per command: parse the arguments, call the layers below, print, return an exit code.

The commands that take run folders are in `runs`. `app` registers each command. To add a command,
write a function here and register it there; then `make reference` documents it.
"""
