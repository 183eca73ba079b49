"""What all figures share: settings, style, ticks, and saving.

`settings` keeps the user's settings of matplotlib out, `style` holds the palette and the style of
axes, `ticks` chooses the ticks of a hyperparameter's axis, `save` writes a figure as PNG and SVG
(`write_figure`). `contact_sheet` draws examples of a data set.
"""

import results.drawing.settings  # noqa: F401  # before any module imports matplotlib
