"""A model with states of its own and one of history, in tables of the tests' own."""

from typing import ClassVar

from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState

from housing_ach.audit.fields import TxidField

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


class Knock(models.Model):
    door = models.IntegerField()
    loudness = models.IntegerField(null=True)
    txid = TxidField()

    class Meta:
        app_label = "audit_tests"
        managed = False

    def __str__(self) -> str:
        return f"knock {self.pk}"


def table_sql(model):
    with connection.schema_editor(collect_sql=True) as editor:
        sql, _params = editor.table_sql(model)
    return sql


def carry_out(connection, operation):
    state = ProjectState()
    for model in (Door, Knock):
        state.add_model(ModelState.from_model(model))
    for statement in operation.forwards(state):
        connection.execute(statement)
