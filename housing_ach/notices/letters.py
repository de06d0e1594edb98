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
            ("4d049ad0b549dce0480c70522be2c087fdcc4820b350ee570872b0ea469d8772",),
        ),
        Template(
            Kind.MANDATE_COPY,
            "notices/mandate_copy.txt",
            "notices/mandate_copy.html",
            ("15170752b18d6162ef12e5074ada75adda0d9645d7e668f7aefa77b7f865b4f9",),
        ),
        Template(
            Kind.UPCOMING_DEBIT,
            "notices/upcoming_debit.txt",
            "notices/upcoming_debit.html",
            ("1c7a2a2d8e2a2947003b9be7693ce15ba069ef031eff2e201fffceb7e82ebc4e",),
        ),
        Template(
            Kind.VARYING_AMOUNT,
            "notices/varying_amount.txt",
            "notices/varying_amount.html",
            ("1838b78707087234ea7ed039d7e4c6c8040384a31f4893f59eab52c5bbc6877a",),
        ),
        Template(
            Kind.RECEIPT,
            "notices/receipt.txt",
            "notices/receipt.html",
            ("5a7330bc0d7a5b5733604f61ca9c9aa44d0a0a773db0439cda612bc676f4c7d6",),
        ),
        Template(
            Kind.RETURNED,
            "notices/returned.txt",
            "notices/returned.html",
            ("5a4646a87b5fa6f74a5887a66d04f903e4629b839a2a655f80fb9e016a79727f",),
        ),
        Template(
            Kind.VERIFICATION,
            "notices/verification.txt",
            "notices/verification.html",
            ("6e74cb7bcfa5cfafa2b28b81d5da5c2d20d0bcf813e25ecd531773158d918616",),
        ),
        Template(
            Kind.BANK_CHANGED,
            "notices/bank_changed.txt",
            "notices/bank_changed.html",
            ("a569e300ad0ff20763c5a6e5150705e80462804202ff13757cef4ada798e5d9a",),
        ),
        Template(
            Kind.AUTOPAY,
            "notices/autopay.txt",
            "notices/autopay.html",
            ("893ee85bdcdb6e75920865892ad473515f9421ecaa1ecc916ae246909e9efc9a",),
        ),
        Template(
            Kind.PAYMENT_CANCELLED,
            "notices/payment_cancelled.txt",
            "notices/payment_cancelled.html",
            ("2ef1a026fd9d49fab653eed85ed8ad446333786cb44aa652fac2e53e9607b120",),
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
