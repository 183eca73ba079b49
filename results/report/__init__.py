"""The report of a run: `report.html` for people, `summary.json` for programs.

`html` (`write_report`) puts the page together: `prose`, `confirmation_prose`, `advice` with
`next_settings`, `commands` to copy, `page_figures`, and `page_data` for the table. `summary_json`
(`write_summary`) writes the same findings as data.
"""
