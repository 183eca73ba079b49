"""What `make test` does about programs that are missing, with made-up programs on an empty PATH.

A made-up program writes its arguments into a log, and some install others.
"""

import stat
from pathlib import Path

import pytest

from tests.support import system_programs
from tests.support.system_programs import main


class Machine:
    """A machine whose only programs are those put into the folder `programs`."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self._log = folder / "log"

    def add(self, *names: str, script: str = "") -> None:
        for name in names:
            program = self.programs / name
            program.write_text(f'#!/bin/sh\necho "{name} $*" >> {self._log}\n{script}\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def called(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


POSTGRES = ("initdb", "pg_ctl", "postgres")
RUN_REST = 'while case "$1" in -*|*=*) true;; *) false;; esac; do shift; done; exec "$@"'
"""A made-up `sudo` or `env` that runs the command after its own options."""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    made.add(*system_programs.SHELLS)
    monkeypatch.setenv("PATH", str(made.programs))
    monkeypatch.delenv("NNSWEEP_DATA_DIR", raising=False)
    monkeypatch.setattr(system_programs, "POSTGRES", tmp_path / "none")
    monkeypatch.setattr(system_programs, "FASHION_MNIST", tmp_path / "none")
    monkeypatch.setattr("os.getuid", lambda: 1000)
    return made


def add_apt(machine: Machine, *, knows: bool = True) -> None:
    """Add an apt-get that installs Chromium and PostgreSQL."""
    programs = " ".join(f"{machine.programs}/{name}" for name in (*POSTGRES, "chromium"))
    install = (
        f'case "$*" in *install*) for p in {programs}; do : > $p; /bin/chmod 755 $p; done;; esac'
    )
    machine.add("apt-get", script=install)
    machine.add("apt-cache", script=f"exit {0 if knows else 100}")
    machine.add("env", script=RUN_REST)


def test_nothing_is_called_where_nothing_is_missing(machine: Machine) -> None:
    machine.add(*POSTGRES, "google-chrome")
    assert main() == 0
    assert machine.called() == []


def test_root_installs_what_is_missing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.getuid", lambda: 0)
    add_apt(machine)
    machine.add("chromium")
    assert main() == 0
    apt = [call for call in machine.called() if call.startswith("apt-get")]
    assert apt == [
        "apt-get --quiet=2 update",
        "apt-get --quiet=2 install --yes --no-install-recommends postgresql dataset-fashion-mnist",
    ]
    assert "Installing postgresql, dataset-fashion-mnist ..." in capsys.readouterr().out


def test_sudo_without_a_password_installs_too(machine: Machine) -> None:
    add_apt(machine, knows=False)
    machine.add("true")
    machine.add("sudo", script=RUN_REST)
    assert main() == 0
    assert machine.called()[-1].endswith("--no-install-recommends postgresql chromium")
    assert [call for call in machine.called() if call.startswith("sudo")][1:] == [
        f"sudo --non-interactive env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 {rest}"
        for rest in ("update", "install --yes --no-install-recommends postgresql chromium")
    ]


def test_a_package_that_cannot_be_installed_is_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.getuid", lambda: 0)
    machine.add("apt-get", "apt-cache", script="exit 100")
    machine.add("env", script=RUN_REST)
    assert main() == 1
    assert capsys.readouterr().err == "apt-get could not install postgresql, chromium\n"


def test_without_rights_the_command_is_shown(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    add_apt(machine)
    machine.add("sudo", script="exit 1")  # asks for a password
    assert main() == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "  sudo apt-get update && "
        "sudo apt-get install --yes postgresql chromium dataset-fashion-mnist"
    )
    assert not [call for call in machine.called() if call.startswith("apt-get")]


def test_without_apt_the_programs_are_named(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.add("chromium")
    assert main() == 1
    assert "Missing here: postgresql." in capsys.readouterr().err


def test_a_missing_shell_is_named(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.add(*POSTGRES, "chromium")
    (machine.programs / "fish").unlink()
    assert main() == 1
    assert "Missing here: fish." in capsys.readouterr().err


def test_data_that_cannot_be_installed_stop_nothing(machine: Machine) -> None:
    add_apt(machine)
    machine.add(*POSTGRES, "chromium")
    assert main() == 0
