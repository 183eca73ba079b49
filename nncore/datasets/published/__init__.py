"""Published data sets, each checked against the SHA-256 sums in its module.

`mnist`, `fashion_mnist` and `from_packages` (`mnist-5k`, `digits`) build data sets;
`published_files` finds or downloads the files. The catalogue of names is
`nncore.datasets.catalogue`. To add a data set, add a function that builds it here and an entry
there.
"""
