"""An ablation in words and on the page."""

from results.analysis.findings import Findings
from results.frames import read_run
from results.report.ablation_prose import ablation_block, sentences, table_header, table_rows
from results.report.html import render
from tests.support.records import ablation, effect


def test_the_sentences_say_how_much_how_sure_and_what_did_not_change() -> None:
    assert sentences(ablation()) == [
        "From the defaults to trial 3, the validation accuracy goes from 90.00% to 92.00%, means "
        "of 5 fresh seeds: +2.00 points, 95% interval over seeds +1.50 to +2.50.",
        "Of 2 steps on the path, learning_rate clearly helped (p < 0.05 after Holm's correction).",
        "Trial 3 is the best trial of the search; the run was not confirmed.",
        "The winner has the default of lmbda.",
    ]


def test_the_sentences_of_other_ablations() -> None:
    record = ablation(
        confirmed=True,
        same=[],
        held={"cost": "quadratic"},
        metric="log_loss",
        total=effect(0.0, None, width=0),
        changes=[ablation().changes[1]],
    )
    assert sentences(record) == [
        "From the defaults to trial 3, the validation log loss goes from 0.9000 to 0.9200, means "
        "of 5 fresh seeds: +0.0000, no interval, because all seeds gave the same difference.",
        "No step on the path has a significant effect (p < 0.05 after Holm's correction).",
        "All networks have cost = quadratic, because the default is not valid with the other "
        "settings.",
    ]


def test_the_table_has_the_defaults_and_each_change() -> None:
    rows = table_rows(ablation())
    assert {len(row) for row in rows} == {len(table_header(ablation()))}
    assert rows[0][:3] == ["defaults", "90.00%", ""]
    assert rows[1] == [
        *("learning_rate 0.5 → 1", "93.00%", "+3.00", "+2.50", "+3.50", "0.002"),
        *("+3.00", "0.002", "+2.00", "< 0.001"),
    ]
    assert rows[2][0] == "output sigmoid → softmax, cost cross-entropy → log-likelihood"
    assert rows[2][6:8] == ["+0.00", "1"]


def test_the_page_shows_it_and_says_if_the_winner_is_another_by_now(write_run) -> None:
    folder = write_run()
    found = Findings(read_run(folder))
    assert ablation_block(found) is None
    assert 'id="ablation"' not in render(found, [])
    ablation().write(folder / "ablation.json")
    page = render(found, [])
    assert 'href="#ablation"' in page
    assert '<td class="number">+3.00</td>' in page
    assert ablation_block(found)["stale"] == ""
    ablation(trial=4).write(folder / "ablation.json")
    assert ablation_block(found)["stale"] == (
        "This ablation is about trial 4; the winner is now trial 3. To repeat it for the winner, "
        f"run `nnsweep ablate {folder}`."
    )
