"""The programs that the tests need and pip cannot install: PostgreSQL, Chromium and three shells.

`python -m tests.support.system_programs` installs missing ones with apt-get. Where it lacks the
right to do so, it prints the command to type and exits with 1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.data_folder import data_folder

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
POSTGRES = Path("/usr/lib/postgresql")
"""Debian keeps the server's programs here, outside PATH."""

SHELLS = ("bash", "zsh", "fish")
"""The shells for which the command has completion."""

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
APT_GET = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2")
SUDO = ("sudo", "--non-interactive")


def find_browser() -> str | None:
    """Return the path of Chromium or Chrome, or None if neither is installed."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def find_postgres(program: str) -> str | None:
    """Return the path of one of PostgreSQL's programs, or None if it is not installed."""
    kept = sorted(str(path) for path in POSTGRES.glob(f"*/bin/{program}"))
    return shutil.which(program) or (kept[-1] if kept else None)


def missing_packages() -> list[str]:
    """Return Debian's names of the packages without which tests fail."""
    present = {
        "postgresql": all(map(find_postgres, ("initdb", "pg_ctl", "postgres"))),
        "chromium": find_browser() is not None,
        **{shell: shutil.which(shell) is not None for shell in SHELLS},
    }
    return [package for package, installed in present.items() if not installed]


def optional_packages() -> list[str]:
    """Return the missing packages without which tests are skipped, as far as apt knows them."""
    data = data_folder()
    in_data_folder = data is not None and (data / "fashion-mnist").is_dir()
    if FASHION_MNIST.is_dir() or in_data_folder or not shutil.which("apt-cache"):
        return []
    package = "dataset-fashion-mnist"
    return [package] if _succeeds("apt-cache", "show", package) else []


def install(needed: Sequence[str], prefix: Sequence[str]) -> int:
    """Install the packages and those optional ones that apt offers; return the exit code.

    `prefix` comes before apt-get: nothing for root, else sudo.
    """
    print("Updating the package lists ...", flush=True)
    subprocess.run([*prefix, *APT_GET, "update"], check=False)  # an old list may be enough
    wanted = [*needed, *optional_packages()]
    if not wanted:
        return 0
    print(f"Installing {', '.join(wanted)} ...", flush=True)
    options = ("install", "--yes", "--no-install-recommends")
    done = subprocess.run(
        [*prefix, *APT_GET, *options, *wanted], check=False, stdout=subprocess.DEVNULL
    )
    still = missing_packages()
    if done.returncode or still:
        print(f"apt-get could not install {', '.join(still or wanted)}", file=sys.stderr)
    return int(bool(still))


def refusal(needed: Sequence[str]) -> str:
    """Return what to do where packages are missing and may not be installed."""
    if shutil.which("apt-get"):
        packages = " ".join([*needed, *optional_packages()])
        return (
            "The tests need packages that only an administrator can install. Type:\n"
            f"  sudo apt-get update && sudo apt-get install --yes {packages}"
        )
    return (
        "The tests need PostgreSQL's server programs (initdb, pg_ctl, postgres), Chromium or "
        f"Chrome, and {', '.join(SHELLS)} on PATH.\nMissing here: {', '.join(needed)}. "
        "Install them with the package manager of this system."
    )


def main() -> int:
    """Install the missing packages where possible; return 1 if one that tests need is missing."""
    needed = missing_packages()
    if not needed and not optional_packages():
        return 0
    is_root = os.getuid() == 0
    if shutil.which("apt-get") and (is_root or _succeeds(*SUDO, "true")):
        return install(needed, () if is_root else SUDO)
    if not needed:
        return 0
    print(refusal(needed), file=sys.stderr)
    return 1


def _succeeds(*command: str) -> bool:
    if not shutil.which(command[0]):
        return False
    done = subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
