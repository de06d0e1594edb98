"""Certificates end on a known day: people are told 30 days, 7 days and 1 day before, and when it is over.

Known are those of programs, of our own address, and what we show and believe at webhooks and ERPs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db.models import Q

from housing_ach.cases.models import Case
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.erp.models import Target
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tls import ends_of
from housing_ach.users.models import Client
from housing_ach.webhooks.models import Endpoint
from housing_ach.webhooks.states import EndpointStatus

DAYS = (0, 1, 7, 30)
# Of our own address, and of who may call there: all of them, or nobody gets in.
OURS = "api.tls"
LONG_OVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Certificate:
    """`mark` tells it from the others of its subject."""

    subject: str
    subject_id: str
    mark: str
    words: str
    ends_at: datetime


def watch_certificates(*, at: datetime) -> None:
    """A case for each, once at each of DAYS, also where it was resolved meanwhile.

    What cannot be read comes back after each resolution for as long as that is so.
    """
    wanted = [_case(one, at) for one in ending(before=at + timedelta(days=DAYS[-1]))]
    told = set(
        Case.objects.filter(
            kind=CaseKind.CERTIFICATE_ENDS, subject_id__in=[case.subject_id for case in wanted]
        ).values_list("subject", "subject_id")
    )
    new = [
        case
        for case in wanted
        if case.facts["ends_at"] == LONG_OVER or (case.subject, case.subject_id) not in told
    ]
    open_cases(new, at=at)


def ending(*, before: datetime) -> list[Certificate]:
    """The first that ends comes first; what is over already too."""
    found = [one for source in (_of_programs, _ours, _shown) for one in source(before)]
    return sorted(
        (one for one in found if one.ends_at <= before),
        key=lambda one: (one.ends_at, one.subject, one.subject_id, one.mark),
    )


def _case(one: Certificate, at: datetime) -> NewCase:
    left = one.ends_at - at
    days = next(days for days in DAYS if left <= timedelta(days=days))
    fate = f"{'ends' if days else 'ended'} on {one.ends_at:%Y-%m-%d %H:%M} UTC"
    if one.ends_at == LONG_OVER:
        fate = "cannot be read"
    return NewCase(
        CaseKind.CERTIFICATE_ENDS,
        one.subject,
        f"{one.subject_id}:{one.mark}:{one.ends_at:%Y%m%d}:{days}",
        f"{one.words} {fate}",
        suggested_fix="Put a new one in its place before that moment, beside the old one if possible.",
        facts={"ends_at": one.ends_at, "days": days},
    )


def _of_programs(_before: datetime) -> Iterator[Certificate]:
    for client in Client.objects.filter(is_active=True).exclude(certificate_ends={}):
        for thumbprint in client.thumbprints:
            if ends := client.certificate_ends.get(thumbprint):
                yield Certificate(
                    Client._meta.label_lower,
                    str(client.pk),
                    thumbprint[:12],
                    f"A certificate of program {client.name}",
                    datetime.fromisoformat(ends),
                )


def _ours(_before: datetime) -> Iterator[Certificate]:
    for words, path, read in (
        ("The machine API's own certificate", settings.API_TLS_CERTIFICATE, _first_end),
        ("The authority of programs' certificates", settings.API_TLS_CLIENT_CA, _first_end),
        ("The list of certificates taken back", settings.API_TLS_CLIENT_CRL, _list_end),
    ):
        if path:
            mark = sha256(path.encode()).hexdigest()[:12]
            yield Certificate(OURS, mark, "file", words, _read(Path(path), read))


def _read(path: Path, read: Callable[[Path], datetime]) -> datetime:
    """What cannot be read is as good as over."""
    try:
        return read(path)
    except (OSError, ValueError, Refusal):
        return LONG_OVER


def _first_end(path: Path) -> datetime:
    return ends_of(path.read_text())


def _list_end(path: Path) -> datetime:
    return x509.load_pem_x509_crl(path.read_bytes()).next_update_utc or NEVER


def _shown(before: datetime) -> Iterator[Certificate]:
    near = Q(identity_ends_at__lte=before) | Q(authorities_end_at__lte=before)
    endpoints = Endpoint.objects.filter(near).exclude(status=EndpointStatus.DISABLED)
    for row in [*endpoints, *Target.objects.filter(near, is_active=True)]:
        # An endpoint's address may be long, and hold what is nobody's business.
        name = f"ERP {row.name}" if isinstance(row, Target) else f"endpoint {row.pk}"
        for mark, words, ends_at in (
            ("identity", f"What we show to {name}", row.identity_ends_at),
            ("authorities", f"An authority we believe at {name}", row.authorities_end_at),
        ):
            if ends_at:
                yield Certificate(row._meta.label_lower, str(row.pk), mark, words, ends_at)
