"""Whose request it is."""

from django.http import HttpRequest

from housing_ach.users.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in, where a page asked already."""
    assert isinstance(request.user, User)  # noqa: S101 - every view asks who is there
    return request.user


def is_verified(request: HttpRequest) -> bool:
    """The second factor was shown in this session."""
    asked = getattr(request.user, "is_verified", None)
    return bool(asked and asked())
