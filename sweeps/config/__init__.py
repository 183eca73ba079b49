"""The sweep file: read from TOML, validated once, and written back with its defaults.

`sweep_config` holds the whole config, `sections` the models of its sections, `config_errors` turns
their errors into one line, `toml` changes and writes TOML, and `json_schema` describes the file to
editors.
"""

from sweeps.config.sweep_config import (
    SweepConfig,
    differing_keys,
    dump_config,
    load_config,
    parse_config,
    read_tables,
    require_config,
)

__all__ = [
    "SweepConfig",
    "differing_keys",
    "dump_config",
    "load_config",
    "parse_config",
    "read_tables",
    "require_config",
]
