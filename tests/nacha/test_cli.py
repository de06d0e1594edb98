import json
import subprocess
import sys

import pytest

from housing_ach.nacha.__main__ import main
from tests.nacha.made import CLEAN, FAULTS, changed, entry, written

CHECK = [sys.executable, "-m", "housing_ach.nacha", "check"]


def _told(capsys, *arguments: str):
    code = main(["check", *arguments])
    return code, capsys.readouterr().out


def test_a_clean_file_leaves_with_zero(capsys):
    code, out = _told(capsys, str(FAULTS / "00-clean.ach"))

    assert code == 0
    assert out.endswith("clean; 2 batches, 3 entries, debits 2,150.50, credits 500.00\n")


def test_a_finding_leaves_with_one_and_a_caret_under_its_field(capsys):
    code, out = _told(capsys, str(FAULTS / "62-tc-25.ach"))

    shown = out.splitlines()
    where = next(place for place, line in enumerate(shown) if "E01" in line)
    assert code == 1
    assert shown[where] == (
        "line 3, entry, transaction code (2-3): error E01: transaction code is not known: found '25'"
    )
    record, caret = shown[where + 1], shown[where + 2]
    assert [char for char, under in zip(record, caret, strict=False) if under == "^"] == ["2", "5"]


def test_a_warning_alone_is_a_finding(capsys):
    assert _told(capsys, str(FAULTS / "76-bom.ach"))[0] == 1


def test_the_gravest_file_decides(capsys, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear bank")

    assert _told(capsys, str(FAULTS / "00-clean.ach"), str(letter))[0] == 2
    assert _told(capsys, str(FAULTS / "00-clean.ach"), str(FAULTS / "62-tc-25.ach"))[0] == 1
    assert main(["check", str(tmp_path / "missing.ach")]) == 2
    assert "missing.ach: No such file" in capsys.readouterr().err


def test_json_is_one_object_a_file(capsys, tmp_path):
    missing = str(tmp_path / "missing.ach")
    names = [str(FAULTS / "16-amount-alpha.ach"), str(FAULTS / "00-clean.ach"), missing]

    code, out = _told(capsys, "--json", *names)

    first, second, third = (json.loads(line) for line in out.splitlines())
    assert code == 2
    assert first["issues"] == [
        {
            "rule": "E07",
            "severity": "error",
            "line": 3,
            "record": "entry",
            "field": "amount",
            "start": 30,
            "end": 39,
            "message": "amount: expected 10 digits, found '00001200A0'",
        }
    ]
    figures = ("readable", "batches", "entries", "debit_cents", "credit_cents")
    assert [second[key] for key in figures] == [True, 2, 3, 215050, 50000]
    assert (second["returns"], second["corrections"], second["issues"]) == (0, 0, [])
    assert (third["file"], third["readable"]) == (missing, False)
    assert third["error"] == "No such file or directory"


def test_what_is_not_listed_is_counted(capsys, tmp_path):
    data = written(*[entry(number) for number in range(1, 151)])
    lines = data.split(b"\n")
    lines[2:152] = [line[:54] + b" " * 22 + line[76:] for line in lines[2:152]]
    path = tmp_path / "blank names.ach"
    path.write_bytes(b"\n".join(lines))

    assert "E10: 50 more like these" in _told(capsys, str(path))[1]


def test_no_account_number_is_printed(capsys, tmp_path):
    account = "98765432109876543"
    path = tmp_path / "slipped.ach"
    path.write_bytes(changed(written(entry(account=account)), 3, 12, "5"))

    for arguments in ([str(path)], ["--json", str(path)]):
        code, out = _told(capsys, *arguments)

        assert code == 1
        assert account[:-4] not in out


def test_a_file_may_come_through_a_pipe():
    done = subprocess.run([*CHECK, "--json", "-"], input=CLEAN, capture_output=True, check=False)

    assert (done.returncode, json.loads(done.stdout)["entries"]) == (0, 3)


def test_it_starts_without_django():
    """Half a second allows Python and NumPy, no more: what else is imported is named here."""
    program = (
        "import sys; from housing_ach.nacha.__main__ import main; "
        f"main(['check', {str(FAULTS / '16-amount-alpha.ach')!r}]); "
        "print(*sorted(name.split('.')[0] for name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    loaded = set(done.stdout.decode().splitlines()[-1].split())
    assert {"numpy", "housing_ach"} <= loaded
    assert not loaded & {"django", "rest_framework", "celery", "kombu", "psycopg", "paramiko"}


@pytest.mark.parametrize("arguments", [[], ["check"], ["mend", "file"]])
def test_a_wrong_call_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as refused:
        main(arguments)

    assert refused.value.code == 2
    assert "usage:" in capsys.readouterr().err
