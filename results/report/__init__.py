"""The report of a run: `report.html` for people, `summary.json` for programs.

`html` (`write_report`) puts the page together: `prose`, `confirmation_prose`, `ablation_prose`,
`advice` with `next_settings`, `command_lines` to copy, `page_figures`, and `page_table` for the
table and its curves. `summary_json` (`write_summary`) writes the same findings as data.
`comparison_files` (`write_comparison`) writes the tables and figures of several runs.
"""
