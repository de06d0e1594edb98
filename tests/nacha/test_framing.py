import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from housing_ach.nacha import read
from housing_ach.nacha.framing import frame
from tests.nacha.made import CLEAN, broken, changed, entry, rules, written

LINES = CLEAN.rstrip(b"\n").split(b"\n")


def _figures(data: bytes) -> tuple[int, int, int, int]:
    found = read(data)
    return found.batch_count, found.entry_count, found.debit_cents, found.credit_cents


@pytest.mark.parametrize(
    ("ends", "odd"),
    [(b"\n", set()), (b"\r\n", set()), (b"\r", {"F04"}), (b"", {"F03"})],
    ids=["LF", "CRLF", "CR", "none"],
)
@pytest.mark.parametrize("last", [True, False], ids=["ended", "open"])
def test_any_line_end_reads_the_same(ends, odd, last):
    data = ends.join(LINES) + (ends if last else b"")

    assert _figures(data) == _figures(CLEAN)
    assert broken(data) == odd


def test_a_regular_file_is_viewed_where_it_lies():
    framed = frame(CLEAN)

    assert framed.matrix.base is not None
    assert not framed.matrix.flags.writeable
    assert framed.matrix.strides == (95, 1)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_short_lines_are_filled_with_blanks(ends):
    data = ends.join(line.rstrip() for line in LINES)

    assert _figures(data) == _figures(CLEAN)
    assert "F02" in broken(data)


def test_issues_name_the_line_of_the_source():
    lines = [b"", *LINES[:2], b"", changed(CLEAN, 3, 12, "2").split(b"\n")[2], *LINES[3:]]

    (issue,) = [issue for issue in read(b"\n".join(lines)).issues if issue.rule == "E05"]

    assert issue.line == 5


def test_a_line_of_several_records_is_cut():
    data = LINES[0] + b"\n" + b"".join(LINES[1:]) + b"\n"

    assert _figures(data) == _figures(CLEAN)
    assert broken(data) == {"F03"}


def test_an_unseparated_file_may_end_short():
    data = b"".join(LINES).rstrip()

    assert _figures(data) == _figures(CLEAN)
    assert broken(data) == {"F02", "F03"}


def test_letters_of_two_bytes_leave_the_columns_in_line():
    data = CLEAN.replace(b"ALICE TENANT ", "ALIÇÉ TENANT ".encode())

    found = read(data)

    assert _figures(data) == _figures(CLEAN)
    assert found.entries[0].name == "ALIÇÉ TENANT"
    assert rules(found) == {"F11"}


def test_letters_outside_latin_1_and_wrong_utf_8_are_reported_not_lost():
    wide = CLEAN.replace(b"ALICE TENANT ", "ALICE ŻĄBEK  ".encode())
    wrong = CLEAN.replace(b"ALICE TENANT ", b"ALIC\xc3 TENANT ")

    assert _figures(wide) == _figures(wrong) == _figures(CLEAN)
    assert read(wide).entries[0].name == "ALICE ¿¿BEK"
    assert broken(wide) == broken(wrong) == {"F11"}


def test_wrong_utf_8_in_a_long_line_is_cut_where_the_record_ends():
    data = CLEAN.replace(b"0000001\n", b"0000001\xc3\n", 1)

    assert broken(data) == {"F07"}


def test_a_line_end_inside_a_record_of_regular_length_is_a_damaged_character():
    data = changed(CLEAN, 3, 60, "x").replace(b"ALICExTEN", b"ALICE\rTEN")

    assert _figures(data) == _figures(CLEAN)
    assert broken(data) == {"F11"}


def test_line_ends_inside_an_unseparated_file_are_line_ends():
    data = CLEAN.replace(b"\n", b"")[: 94 * 9] + b"\n" + LINES[-1][:93]

    assert _figures(data) == _figures(CLEAN)
    assert "F03" in broken(data)


def test_a_batch_count_of_nine_hundred_thousand_is_no_filler():
    found = read(changed(CLEAN, 10, 2, "999999"))

    assert found.has_control
    assert rules(found) == {"C11"}


def test_filler_is_told_from_a_control_by_all_its_characters():
    found = read(written(entry()))

    assert found.has_control
    assert rules(found) == set()


def test_filler_between_records_is_out_of_order():
    lines = [*LINES[:5], b"9" * 94, *LINES[5:]]

    assert "F12" in broken(b"\n".join(lines))


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\x1a", b"\xef\xbb\xbf", b"{\\rtf1 101 }", b"\0" * 300]
)
def test_what_is_no_ach_file_is_unreadable(data):
    found = read(data)

    assert not found.readable
    assert (rules(found), found.header, len(found.entries)) == ({"F01"}, None, 0)
    assert list(found.columns.traces) == list(found.columns.batches) == []


def test_a_file_of_nothing_but_filler_has_neither_header_nor_control():
    assert broken(b"9" * 94) == {"F13", "F14", "F15", "F17"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600))
def test_reading_never_raises(noise):
    read(noise)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_reading_a_damaged_file_never_raises(data):
    damaged = bytearray(CLEAN)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                damaged[at] = data.draw(st.integers(0, 255))
            case 1:
                del damaged[at : at + data.draw(st.integers(1, 120))]
            case _:
                damaged[at:at] = data.draw(st.binary(max_size=120))
    found = read(bytes(damaged))

    assert len(list(found.entries)) == found.entry_count
    assert len(list(found.batches)) == found.batch_count
    assert len(found.columns.traces) == len(found.columns.lines) == found.entry_count
    for one in found.entries:
        assert one.return_info is None or one.return_info.code
        assert one.correction is None or one.correction.trace
