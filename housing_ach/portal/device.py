"""From where somebody signs: the evidence Nacha asks for with a WEB authorisation."""

from typing import NamedTuple

from django.http import HttpRequest


class Device(NamedTuple):
    ip: str
    user_agent: str


class Signature(NamedTuple):
    """Of a permission for this one payment."""

    name: str
    device: Device


def device_of(request: HttpRequest) -> Device:
    return Device(request.META["REMOTE_ADDR"], request.headers.get("User-Agent") or "not told")
