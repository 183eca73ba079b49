"""Samplers: each proposes the next point of the space.

The points are made in `optuna_samplers` (TPE, random, QMC, CMA-ES, Gaussian process), `coordinate`
and `grid`. All samplers follow the protocol in `protocol` (`Sampler`). `catalogue` (`SAMPLERS`)
lists them by name, and `proposer` (`Proposer`) asks the sampler of the sweep. A new sampler is a
class or function and an entry in the catalogue.
"""
