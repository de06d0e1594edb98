"""Which words each kind of message is made of, by version, and how it is put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from housing_ach.notices.states import Kind

LONGEST_TITLE = 200
# Stands for a link that is known when the message is sent, and kept nowhere.
LINK_TO_COME = f"{settings.SITE_URL}/…"


@dataclass(frozen=True)
class Template:
    """`versions` are the SHA-256 of its two texts so far: words that change are a new version."""

    kind: Kind
    text: str
    html: str
    versions: tuple[str, ...]

    @property
    def version(self) -> str:
        return f"{self.kind.lower()}-{len(self.versions)}"


class Letter(NamedTuple):
    title: str
    body: str
    html: str
    version: str

    @property
    def sha256(self) -> str:
        return sha256("\0".join([self.title, self.body, self.html]).encode()).hexdigest()


TEMPLATES = {
    template.kind: template
    for template in (
        Template(
            Kind.INVITATION,
            "notices/invitation.txt",
            "notices/invitation.html",
            ("5dd97a3aa07e6e08fb98f8d4226836c113124237ffef065216269be9bddb528f",),
        ),
        Template(
            Kind.MANDATE_COPY,
            "notices/mandate_copy.txt",
            "notices/mandate_copy.html",
            ("b0687d655ab79c8833e2c189d3ec72d7d4111e60f6a34739a6aa9ae47207d563",),
        ),
        Template(
            Kind.UPCOMING_DEBIT,
            "notices/upcoming_debit.txt",
            "notices/upcoming_debit.html",
            ("3acfe0cf120092bebf81e8b521726c0f713a6fef711c79848f0891d483086788",),
        ),
        Template(
            Kind.VARYING_AMOUNT,
            "notices/varying_amount.txt",
            "notices/varying_amount.html",
            ("470aca2c89c4e2022b55d8479a5602657ac18cf399a17bd5d9ed8ade2fda61f0",),
        ),
        Template(
            Kind.RECEIPT,
            "notices/receipt.txt",
            "notices/receipt.html",
            ("c1e5134d6dc989ddb35f7def86e24dd5f8cf456a18ecb9c4269dd4d0f36f5d94",),
        ),
        Template(
            Kind.RETURNED,
            "notices/returned.txt",
            "notices/returned.html",
            ("a582e143ed23298c5ab36811211cc9ba4c9c2b467b08bea1581be26d29b2b6ac",),
        ),
        Template(
            Kind.VERIFICATION,
            "notices/verification.txt",
            "notices/verification.html",
            ("4076c90f2e4c4594d9bea9148f52430bed6fc994b5b04b0bcc8f4168709e3ec6",),
        ),
        Template(
            Kind.BANK_CHANGED,
            "notices/bank_changed.txt",
            "notices/bank_changed.html",
            ("4050d3295b180683d7b235cfac5f9f8bee8f8679bd5fc6bc82077e755ea75876",),
        ),
        Template(
            Kind.AUTOPAY,
            "notices/autopay.txt",
            "notices/autopay.html",
            ("0b123dbc22a80f85939d4a5c6ddec6728c425941e5387df3c975801d3ea90c55",),
        ),
        Template(
            Kind.PAYMENT_CANCELLED,
            "notices/payment_cancelled.txt",
            "notices/payment_cancelled.html",
            ("45b793fe7fbcb85310b6a635630e37c41b7677466d8e81ecfa9df33081ee5684",),
        ),
    )
}


def write(kind: Kind, facts: Mapping[str, Any], *, language: str) -> Letter:
    """The first line of the text is the title of the mail."""
    template = TEMPLATES[kind]
    with translation.override(language):
        told = {**facts, "language": language}
        first, _, rest = render_to_string(template.text, told).strip().partition("\n")
        title = " ".join(first.split())[:LONGEST_TITLE]
        html = render_to_string(template.html, {**told, "title": title}).strip()
    return Letter(title, _tidy(rest), html, template.version)


def _tidy(text: str) -> str:
    """No more than one empty line at a time, whatever a template leaves out."""
    kept: list[str] = []
    for line in (row.rstrip() for row in text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"
