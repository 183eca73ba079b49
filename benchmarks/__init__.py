"""Long measurements, run by hand: how fast an epoch is beside other programs."""
