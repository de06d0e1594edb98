from functools import partial
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.cases.states import CaseStatus
from housing_ach.desk.visible import cases_visible_to
from housing_ach.tenants.states import Role
from housing_ach.users.models import User

# Name of the url, words, icon. The page that is open is the one whose path begins with the entry's.
MENU = (
    ("desk:overview", _("Overview"), "chart-bar-square"),
    ("desk:cases", _("Exceptions"), "exclamation-triangle"),
    ("desk:batches", _("Batches"), "queue-list"),
    ("desk:payments", _("Payments"), "banknotes"),
    ("desk:tenants", _("Tenants"), "users"),
    ("desk:properties", _("Properties"), "building-office-2"),
    ("desk:reports", _("Reports"), "document-chart-bar"),
    ("desk:notices", _("Messages"), "envelope"),
    ("desk:integrations", _("Integrations"), "puzzle-piece"),
    ("desk:status", _("System status"), "server-stack"),
    ("desk:help", _("Help"), "lifebuoy"),
)
# What is the whole organisation's is in the menu of those who work for all of it.
INTEGRATES = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})
OF_ALL = {"desk:integrations": INTEGRATES}
# More is told as "99+": the menu of every page asks.
COUNTED = 100


class Item(NamedTuple):
    """`waiting` is counted no further than COUNTED."""

    url: str
    words: str | Promise
    icon: str
    is_here: bool
    waiting: int


def menu(request: HttpRequest) -> dict[str, object]:
    """The desk's menu, where a page of the desk is shown: made once the shell asks for it, for the
    tables of a page ask for all of this again.
    """
    if not request.path.startswith("/desk/"):
        return {}
    return {"menu": partial(_items, request)}


def _items(request: HttpRequest) -> list[Item]:
    held: frozenset[str] = getattr(request, "roles_of_all", frozenset())
    mine = [entry for entry in MENU if entry[0] not in OF_ALL or OF_ALL[entry[0]] & held]
    return [item for entry in mine if (item := _item(request, *entry))]


def _item(request: HttpRequest, name: str, words: str | Promise, icon: str) -> Item | None:
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    here = request.path == url if name == "desk:overview" else request.path.startswith(url)
    return Item(url, words, icon, here, _waiting(request) if name == "desk:cases" else 0)


def _waiting(request: HttpRequest) -> int:
    """Of those the user may see; somebody who is only shown a refusal sees none."""
    user = request.user
    if not isinstance(user, User):
        return 0
    return cases_visible_to(user).filter(status=CaseStatus.OPEN)[:COUNTED].count()
