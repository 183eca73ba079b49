"""The programs that are compared, one module each: `prepare(split, task)` returns a `Peer`."""
