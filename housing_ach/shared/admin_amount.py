"""Cents as a column of the admin."""

from typing import Any

from django.contrib import admin

from housing_ach.shared.money import dollars


class AmountColumn:
    """`amount`: the row's own `cents`, in dollars."""

    @admin.display(ordering="cents")
    def amount(self, row: Any) -> str:
        return dollars(row.cents)
