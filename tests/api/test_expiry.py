"""People are told in time that a certificate ends: one case at each step, whatever runs how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from bin.stack.authority import Authority
from housing_ach.api.expiry import watch_certificates
from housing_ach.api.tasks import watch_expiry
from housing_ach.cases.models import Case
from housing_ach.cases.services import resolve
from housing_ach.cases.states import CaseKind
from housing_ach.celery import TIMETABLE
from housing_ach.clock.services import wall_time
from housing_ach.erp.models import Target
from housing_ach.erp.services import add_target, set_line
from housing_ach.erp.states import Dialect
from housing_ach.shared.tls import ends_of
from housing_ach.users.clients import disable_client
from housing_ach.users.proofs import remove_proof, thumbprints_of
from housing_ach.users.states import ClientAuth
from housing_ach.vault import lines
from housing_ach.vault.lines import Line
from housing_ach.webhooks.models import Endpoint
from housing_ach.webhooks.states import EndpointStatus
from tests.api.calling import registered
from tests.factories import AT, UserFactory
from tests.tls import pem
from tests.webhooks.receiver import made_client

AUTHORITY = Authority("One")
OURS = AUTHORITY.issue("ours")
ENDS_AT = ends_of(OURS.certificate)
SOON = ENDS_AT - timedelta(days=6)


def told():
    return Case.objects.filter(kind=CaseKind.CERTIFICATE_ENDS).order_by("pk")


def watched(at=SOON):
    watch_certificates(at=at)
    return [case.summary for case in told()]


def program(*identities):
    prints = {}
    for identity in identities or (OURS,):
        prints |= thumbprints_of(identity.certificate, at=wall_time())
    return registered(method=ClientAuth.CERTIFICATE, thumbprints=prints)[0]


@pytest.mark.django_db
class TestAProgramsCertificate:
    @pytest.fixture
    def client(self):
        return program()

    def test_is_told_of_once_at_each_step(self, client):
        steps = {31: 0, 30: 1, 29: 1, 8: 1, 7: 2, 6: 2, 2: 2, 1: 3, 0.5: 3, 0: 4, -1: 4, -400: 4}
        counts = {}

        for left in steps:
            for _again in range(2):
                watch_certificates(at=ENDS_AT - timedelta(days=left))
            counts[left] = told().count()

        assert counts == steps
        assert [case.facts["days"] for case in told()] == [30, 7, 1, 0]

    def test_says_whose_it_is_and_until_when(self, client):
        when = f"{ENDS_AT:%Y-%m-%d %H:%M} UTC"

        watch_certificates(at=SOON)
        watch_certificates(at=ENDS_AT)

        told_so = [
            f"A certificate of program {client.name} {word} on {when}" for word in ("ends", "ended")
        ]
        assert [case.summary for case in told()] == told_so

    def test_that_is_found_late_is_told_of_once(self, client):
        assert len(watched(ENDS_AT - timedelta(hours=3))) == 1

    def test_is_not_told_of_again_where_somebody_took_note(self, client):
        watch_certificates(at=SOON)
        resolve(told().get(), by=UserFactory(), resolution="They know", at=AT)

        watch_certificates(at=SOON)

        assert not told().open().exists()
        assert len(watched(ENDS_AT - timedelta(days=1))) == 2

    def test_is_told_of_beside_another_of_the_same_program(self):
        program(OURS, AUTHORITY.issue("next"), AUTHORITY.issue("later", lasts=timedelta(days=900)))

        assert len(watched()) == 2

    def test_that_was_taken_away_is_nobodys(self):
        client = program(OURS, AUTHORITY.issue("later", lasts=timedelta(days=900)))
        (ours,) = thumbprints_of(OURS.certificate, at=wall_time())
        remove_proof(client, ours)

        assert watched() == []

    def test_of_a_disabled_program_is_silent(self, client):
        disable_client(client)

        assert watched() == []

    def test_of_unknown_end_is_silent(self):
        registered(method=ClientAuth.CERTIFICATE, thumbprints=["x" * 43])

        assert watched() == []


@pytest.mark.django_db
class TestWhatWeShowAndBelieve:
    @pytest.fixture
    def endpoint(self):
        return Endpoint.objects.create(
            client=made_client(), url=f"https://hooks.example.org/{'x' * 400}", made_at=AT
        )

    @pytest.fixture
    def target(self):
        url = "postgresql://a:b@books.example.org/x"
        return add_target(
            name="books", dialect=Dialect.POSTGRESQL, url=url, schema="", starts_on=AT.date()
        )

    def test_at_an_endpoint_is_told_of(self, endpoint):
        line = Line(pem(OURS), AUTHORITY.certificate)
        lines.set_line(endpoint, line, at=wall_time())
        assert lines.line_of(endpoint) == line

        shown, believed = sorted(watched(), reverse=True)

        assert shown.startswith(f"What we show to endpoint {endpoint.pk} ends on ")
        assert believed.startswith(f"An authority we believe at endpoint {endpoint.pk} ends on ")

    def test_at_a_disabled_endpoint_is_silent(self, endpoint):
        lines.set_line(endpoint, Line(pem(OURS)), at=wall_time())
        Endpoint.objects.update(status=EndpointStatus.DISABLED)

        assert watched() == []

    def test_at_an_erp_is_told_of_while_it_is_posted_to(self, target):
        set_line(target, Line(authorities=AUTHORITY.certificate), at=wall_time())
        Target.objects.update(is_active=False)
        assert watched() == []

        Target.objects.update(is_active=True)

        (said,) = watched()
        assert said.startswith("An authority we believe at ERP books ends on ")

    def test_anew_begins_anew(self, target):
        set_line(target, Line(pem(OURS)), at=wall_time())
        watch_certificates(at=SOON)
        later = AUTHORITY.issue("later", lasts=timedelta(days=900))

        set_line(target, Line(pem(later)), at=wall_time())

        assert len(watched(SOON)) == 1
        assert len(watched(ends_of(later.certificate))) == 2


@pytest.mark.django_db
class TestOurOwnFiles:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "file"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("API_TLS_CERTIFICATE", "The machine API's own certificate"),
            ("API_TLS_CLIENT_CA", "The authority of programs' certificates"),
        ],
    )
    def test_of_the_machine_api_are_told_of(self, settings, path, name, said):
        setattr(settings, name, str(path))
        path.write_text(OURS.certificate)

        assert watched(ENDS_AT - timedelta(days=31)) == []
        assert watched() == [f"{said} ends on {ENDS_AT:%Y-%m-%d %H:%M} UTC"]

    def test_of_what_was_taken_back_are_renewed_in_time(self, settings, path):
        settings.API_TLS_CLIENT_CRL = str(path)
        now = datetime.now(UTC)
        path.write_text(AUTHORITY.revoking(lasts=timedelta(days=20)))

        assert len(watched(now)) == 1
        path.write_text(AUTHORITY.revoking(lasts=timedelta(days=50)))
        assert len(watched(now)) == 1

    @pytest.mark.parametrize("name", ["API_TLS_CERTIFICATE", "API_TLS_CLIENT_CRL"])
    @pytest.mark.parametrize("content", [None, b"", b"nonsense", b"\xff\xfe"])
    def test_that_cannot_be_read_come_back_until_they_can(self, settings, path, name, content):
        setattr(settings, name, str(path))
        if content is not None:
            path.write_bytes(content)
        (said,) = watched()
        assert said.endswith(" cannot be read")
        assert len(watched()) == 1

        resolve(told().get(), by=UserFactory(), resolution="It is back", at=AT)

        assert len(watched(SOON + timedelta(days=1))) == 2


@pytest.mark.django_db
def test_it_looks_every_hour_by_the_clock_on_the_wall():
    program(AUTHORITY.issue("short", lasts=timedelta(days=3)))

    watch_expiry()

    assert told().get().facts["days"] == 7
    assert TIMETABLE["housing_ach.api.tasks.watch_expiry"] <= 3600


def test_several_looks_at_once_make_one_case(committed_db):
    program()
    together = Barrier(4)

    def look(_n):
        together.wait(10)
        try:
            watch_certificates(at=SOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))

    assert told().count() == 1
