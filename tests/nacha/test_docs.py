from pathlib import Path

from housing_ach.nacha import RULES
from housing_ach.nacha.layout import RECORDS, WIDTH
from housing_ach.nacha.writer import STRICT

PAGE = (Path(__file__).parents[2] / "docs" / "codec.md").read_text()


def test_the_page_lists_every_rule_as_it_is():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and line[3:5].isdigit()]

    assert rows == [f"| {rule.id} | {rule.severity} | {rule.title} |" for rule in RULES.values()]


def test_the_page_names_what_only_a_writer_refuses():
    told = PAGE.split("A writer also refuses what ")[1].split(" warn of")[0]

    assert set(told.replace(" and", ",").split(", ")) == set(STRICT)
    assert all(RULES[rule].severity == "warning" for rule in STRICT)


def test_every_field_of_the_layout_names_a_rule():
    for record in RECORDS:
        assert [field.start for field in record.fields] == [
            1 + sum(field.width for field in record.fields[:place])
            for place in range(len(record.fields))
        ]
        assert record.fields[-1].end == WIDTH
        assert {field.rule for field in record.fields} <= set(RULES)
        assert all(record[field.name] == field for field in record.fields)
