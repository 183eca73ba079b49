"""The report of a run: `report.html` for people, `summary.json` for programs.

`html` (`write_report`) puts the page together from `prose`, `advice`, `page_data` and the figures;
`summary_json` (`write_summary`) writes the same findings as data.
"""
