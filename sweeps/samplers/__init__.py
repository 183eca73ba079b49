"""Samplers: each proposes the next point of the space.

`catalogue` (`SAMPLERS`) lists them by name, and `proposer` (`Proposer`) asks the sampler of the
sweep. The samplers are in `optuna_samplers` (TPE, random, QMC, CMA-ES, Gaussian process),
`coordinate` and `grid`; all follow the protocol in `sampler`. A new sampler is a class or function
and an entry in the catalogue.
"""
