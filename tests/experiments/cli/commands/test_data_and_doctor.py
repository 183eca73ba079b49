"""`nnsweep data` and `nnsweep doctor`: facts about data sets and the installation."""

import re


def test_data_list_fetch_and_info(nnsweep) -> None:
    assert nnsweep("data", "fetch", "digits").code == 0
    listed = nnsweep("data", "list").out
    row = next(line for line in listed.splitlines() if line.startswith("digits"))
    assert row.split()[1:5] == ["1,259", "269", "269", "yes"]
    info = nnsweep("data", "info", "digits").out
    assert "64 features, images of 8 × 8" in info
    counts = [line.split() for line in info.splitlines() if re.match(r"(\d|all) ", line)]
    assert counts[-1] == ["all", "1,259", "269", "269"]
    assert sum(int(row[1]) for row in counts[:-1]) == 1259


def test_doctor_prints_the_facts_on_which_results_depend(nnsweep) -> None:
    answer = nnsweep("doctor")
    assert answer.code == 0
    for fact in ("python", "numpy", "openblas", "kernel", "cores", "mnist-5k", "images per second"):
        assert fact in answer.out
