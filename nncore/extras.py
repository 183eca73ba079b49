"""How to install an optional feature: from the checkout, wheel or repository that nnsweep is from.

pip records where that is (PEP 610). Every message about a missing package names this command.
"""

import json
import shlex
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "nnsweep"


def install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra, such as "dask"."""
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        return _install(f"{NAME}[{extra}]")
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    url = urlsplit(origin.get("url", ""))
    path = Path(unquote(url.path))
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        return _install(f"{NAME}[{extra}] @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}")
    if url.scheme == "file" and path.exists():
        is_editable = origin.get("dir_info", {}).get("editable", False)
        return _install(*(["--editable"] if is_editable else []), f"{path}[{extra}]")
    if url.scheme in ("http", "https"):
        return _install(f"{NAME}[{extra}] @ {origin['url']}")
    return _install(*_packages(installed, extra)) if origin else _install(f"{NAME}[{extra}]")


def _packages(installed: Distribution, extra: str) -> list[str]:
    """Return the packages of an extra: the file that nnsweep is from may be gone."""
    of_extra = f'extra == "{extra}"'
    pairs = (text.replace("'", '"').partition(";") for text in installed.requires or ())
    return [package.strip() for package, _, marker in pairs if marker.strip() == of_extra]


def _install(*words: str) -> str:
    return shlex.join(["pip", "install", *words])
