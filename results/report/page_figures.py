"""The figures of a run as the page shows them: a heading, a caption and an embedded picture.

The headings and captions of all figures are written here; `results.figures` draws the figures, and
`results.analysis` computes their numbers.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from results.analysis.ablation import read_ablation
from results.analysis.findings import Findings
from results.figures.catalogue import HEAVY, DrawnFigure
from results.report.command_lines import ablate_command

FIGURE_TEXTS = {  # {metric} stands for the title of the sweep's metric, other words as below
    "best_so_far": (
        "Best so far",
        "The best validation {metric} so far, against the number of trials and against the number "
        "of epochs trained.",
    ),
    "values": (
        "Distribution of the values",
        "For each value of the {metric}, the share of trials that are no better: the lower the "
        "line, the better the trials. Trials that a pruner stopped are not counted, because they "
        "might have improved.",
    ),
    "fresh_values": (
        "Search value against fresh-seed value",
        "The confirmed trials: the {metric} of each in the search, and again in the confirmation. "
        "A trial below the dashed line did worse than in the search, which favors lucky values.",
    ),
    "learning_curves": (
        "Learning curves",
        "Validation {metric} by epoch, one line per trial. Pruned, diverged and failed trials "
        "differ in color, line style and end marker.",
    ),
    "best_curves": (
        "The {trial} trial",
        "{Measures} in the search, on training and validation data. A wide gap means overfitting.",
    ),
    "importance": (
        "Importance of the hyperparameters",
        "How much each hyperparameter by itself changes the {metric} over the space, as a share of "
        "the sum of these effects; what only several together change is not counted. Left: where "
        "the values are better than the median; "
        "right: everywhere. Lines show 95% intervals. A first, or a group that contains it, is "
        "named if its probability is at least 95%. Trials that a pruner stopped are not counted, "
        "because their final value is unknown. {Measured}",
    ),
    "ablation": (
        "What each change is worth",
        "Top: from the defaults to the winner, one change after the other, each time the one that "
        "helped most. Bottom: each change by itself, on the defaults and in the winner. Mean "
        "validation {metric} on fresh seeds; lines show 95% intervals over seeds. Filled bars and "
        "marks are significant after Holm's correction.",
    ),
    "heat_map": (
        "The two most important hyperparameters",
        "The median {metric} and the number of trials in each part of the space; gray parts have "
        "no trials. Trials that a pruner stopped are not counted, because they might have "
        "improved.",
    ),
    "slices": (
        "Each hyperparameter",
        "One point per trial. A narrow peak means that the hyperparameter must be tuned carefully. "
        "Short lines mark the median of each choice, without trials that a pruner stopped.",
    ),
    "parallel_coordinates": (
        "All hyperparameters at once",
        "One line per trial across all axes, colored by its {metric}; the thick line is the "
        "{trial} trial.",
    ),
    "timeline": (
        "Workers",
        "Which worker trained which trial, and when. Gaps show when a worker was waiting.",
    ),
    "predicted": (
        "Predicted against true",
        "{Network} on {data}, one point for each row. On the line, the prediction is the true "
        "value.",
    ),
    "residuals": (
        "Residuals",
        "The true value minus the prediction, on {data}. If the gray band widens to the right, the "
        "errors grow with the prediction; if the median leaves 0, the network is off in that part "
        "of the range. Right: how many rows have a residual of that size.",
    ),
    "confusion": (
        "Confusion matrix",
        "{Network} on {data}: true classes by row, predicted classes by column.",
    ),
    "mistakes": (
        "The worst mistakes",
        "{Worst_images}.",
    ),
    "hidden_units": (
        "Hidden units",
        "The weights from each pixel to a hidden unit{of_one}: purple pixels activate the unit, "
        "orange pixels suppress it.",
    ),
}

OF_THE_BEST = {
    "trial": "best",
    "network": "the best network",
    "Network": "The best network",
    "data": "validation data",
    "of_one": "",
}
OF_THE_CERTIFIED = {
    "trial": "certified",
    "network": "the ensemble of the certified networks",
    "Network": "The ensemble of the certified networks",
    "data": "validation data",
    "of_one": " of the first certified network",
}
OF_SPLITS = {
    **OF_THE_CERTIFIED,
    "network": "the first certified network",
    "Network": "The first certified network",
    "data": "the validation rows of its own split",
}
"""What headings and captions call the trial and the network that a run stands for."""

WITH_RUNGS = {
    "best_so_far": " Epochs that a trial trained again, to go on to a later rung, count once.",
    "timeline": " A trial that went on to a later rung was trained again and has several bars.",
}
"""What the captions add if the trials of a generation compete."""

MEASURED = "The ablation measured on fresh seeds what each change is worth; see the next figure."
NOT_MEASURED = "An ablation measures on fresh seeds what each change is worth:"


@dataclass(frozen=True)
class PageFigure:
    """A figure on the page: `source` is its picture as a data URI, `alt` its titles.

    `wide` says whether it needs a whole row. `command` is what the end of its `text` refers to, or
    "".
    """

    name: str
    heading: str
    text: str
    alt: str
    source: str
    wide: bool
    command: str = ""


def in_rows(figures: Sequence[PageFigure]) -> list[tuple[str, PageFigure]]:
    """Return the figures with their places: "whole" rows for wide ones, two "half" ones to a row.

    A narrow figure brings the next narrow one forward, into its row; the last one may be "alone".
    """
    rows: list[tuple[str, PageFigure]] = []
    left = list(figures)
    while left:
        one = left.pop(0)
        second = None if one.wide else next((other for other in left if not other.wide), None)
        if second is None:
            rows.append(("whole" if one.wide else "alone", one))
        else:
            left.remove(second)
            rows += [("half", one), ("half", second)]
    return rows


def page_figure(figure: DrawnFigure, findings: Findings) -> PageFigure:
    """Return a drawn figure with its heading and caption, its picture as a data URI."""
    words = _words(findings)
    words |= {"metric": findings.metric.title, **_words_of_task(findings, words["network"])}
    measured = read_ablation(findings.run.folder) is not None
    words["Measured"] = MEASURED if measured else NOT_MEASURED
    heading, text = (part.format(**words) for part in FIGURE_TEXTS[figure.name])
    if findings.run.config.brackets:
        text += WITH_RUNGS.get(figure.name, "")
    picture, kind = figure.svg.read_bytes(), "svg+xml"
    if figure.png and len(picture) > HEAVY:
        picture, kind = figure.png.read_bytes(), "png"
    source = f"data:image/{kind};base64,{base64.b64encode(picture).decode('ascii')}"
    alt = "; ".join(figure.titles) or heading
    wanted = figure.name == "importance" and not measured
    command = ablate_command(findings.run.folder) if wanted else ""
    return PageFigure(figure.name, heading, text, alt, source, figure.wide, command)


def _words_of_task(findings: Findings, network: str) -> dict[str, str]:
    """Return what captions call the measures of a network, and the images that it took wrong."""
    if findings.metric.regression:
        return {
            "Measures": "The cost, of targets that are scaled to mean 0 and standard deviation 1,",
            "Worst_images": f"The validation images with the largest residuals of {network}",
        }
    return {
        "Measures": "Accuracy and cost",
        "Worst_images": f"The validation images that {network} misclassified with the most "
        "confidence",
    }


def _words(findings: Findings) -> dict[str, str]:
    if findings.certified is None or findings.confirmation is None:
        return OF_THE_BEST
    return OF_SPLITS if findings.confirmation.splits else OF_THE_CERTIFIED
