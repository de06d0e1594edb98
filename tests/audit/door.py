"""A model with states of its own, in a temporary table."""

from typing import ClassVar

import pytest
from django.db import connection, models

OPEN, SHUT, LOCKED, BRICKED = "OPEN", "SHUT", "LOCKED", "BRICKED"


class Door(models.Model):
    MOVES: ClassVar = {
        OPEN: frozenset({SHUT}),
        SHUT: frozenset({OPEN, LOCKED}),
        LOCKED: frozenset({SHUT, BRICKED}),
    }

    status = models.CharField(max_length=10, default=OPEN)
    knocks = models.IntegerField(default=0)
    note = models.CharField(max_length=20, default="")
    moved_on = models.DateField(null=True)

    class Meta:
        app_label = "audit_tests"
        managed = False

    def __str__(self) -> str:
        return f"door {self.pk}"


@pytest.fixture
def doors(db):
    with connection.schema_editor() as editor:
        sql, _params = editor.table_sql(Door)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("CREATE TABLE", "CREATE TEMP TABLE"))
    return Door.objects
