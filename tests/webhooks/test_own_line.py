"""An endpoint with a line of its own: the certificate we show there, and whom we believe."""

import ssl
import warnings
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from requests import adapters

from housing_ach.audit.models import Event
from housing_ach.shared import tls
from housing_ach.vault.lines import line_of
from housing_ach.vault.models import Ring, Secret
from housing_ach.webhooks.models import Attempt, Endpoint
from housing_ach.webhooks.services import ping, send_waiting
from tests.factories import AT
from tests.tls import Receiving, pem
from tests.webhooks.receiver import made_client, receiving, told_at

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)


@pytest.fixture(scope="module")
def theirs():
    return Receiving()


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = True


@pytest.fixture
def endpoint_at(tmp_path):
    """One of a receiver, spoken to as the command was told."""

    def make(receiver, **line):
        endpoint, _secret = told_at(receiver)
        set_by_command(tmp_path, endpoint.pk, **line)
        ping(endpoint, at=AT)
        return endpoint

    return make


def set_by_command(folder, name, **line):
    told = {}
    for word, text in line.items():
        told[word] = folder / f"{word}.pem"
        told[word].write_text(text)
    call_command("outgoing_tls", "endpoint", str(name), **told)


def problem():
    return Attempt.objects.get().problem


def test_a_message_comes_under_our_certificate(theirs, endpoint_at):
    with receiving(theirs.context()) as receiver:
        endpoint_at(receiver, identity=pem(theirs.ours), authorities=theirs.authority.certificate)

        assert send_waiting(at=AT) == 1

    assert receiver.shown == ["hms-ach"]


def test_who_asks_for_a_certificate_takes_nothing_without(theirs, endpoint_at):
    with receiving(theirs.context()) as receiver:
        endpoint_at(receiver, authorities=theirs.authority.certificate)

        assert send_waiting(at=AT) == 0

    assert receiver.got == []
    assert problem() in {"SSLError", "ConnectionError"}


def test_nobody_else_is_shown_our_certificate(theirs, endpoint_at):
    believed = theirs.authority.certificate
    with receiving(theirs.context(asks=ssl.CERT_OPTIONAL)) as receiver:
        first = endpoint_at(receiver, identity=pem(theirs.ours), authorities=believed)
        second = Endpoint.objects.create(
            client=first.client, url=receiver.url, authorities=believed, made_at=AT
        )
        ping(second, at=AT)

        assert send_waiting(at=AT) == 2

    assert sorted(receiver.shown) == ["", "hms-ach"]


class TestWhomWeDoNotBelieve:
    """Its server would let anybody in: it is we who say nothing there."""

    @pytest.fixture
    def receiver(self, theirs):
        with receiving(theirs.context(asks=ssl.CERT_NONE)) as receiver:
            yield receiver

    def test_an_authority_that_is_not_the_endpoints_is_told_nothing(
        self, theirs, endpoint_at, receiver
    ):
        endpoint_at(receiver, authorities=theirs.stranger.certificate)

        send_waiting(at=AT)

        assert (receiver.got, problem()) == ([], "SSLError")

    @pytest.mark.parametrize("shows", [True, False])
    def test_a_private_authority_that_nobody_named_is_told_nothing(
        self, theirs, endpoint_at, receiver, shows
    ):
        endpoint_at(receiver, **({"identity": pem(theirs.ours)} if shows else {}))

        send_waiting(at=AT)

        assert (receiver.got, problem()) == ([], "SSLError")

    def test_own_authorities_count_in_place_of_the_public_ones(
        self, theirs, endpoint_at, receiver, tmp_path, monkeypatch
    ):
        public = tmp_path / "public.pem"
        public.write_text(theirs.authority.certificate)
        monkeypatch.setattr(tls, "PUBLIC", str(public))
        monkeypatch.setattr(adapters, "DEFAULT_CA_BUNDLE_PATH", str(public))
        endpoint = endpoint_at(receiver, identity=pem(theirs.ours))
        assert send_waiting(at=AT) == 1

        set_by_command(tmp_path, endpoint.pk, authorities=theirs.stranger.certificate)
        ping(endpoint, at=AT)

        assert send_waiting(at=AT) == 0

    def test_a_certificate_of_another_host_is_told_nothing(self, theirs, endpoint_at):
        with receiving(theirs.context(theirs.elsewhere, asks=ssl.CERT_NONE)) as receiver:
            endpoint_at(receiver, authorities=theirs.authority.certificate)

            send_waiting(at=AT)

        assert (receiver.got, problem()) == ([], "SSLError")

    def test_nothing_older_than_tls_1_2_is_spoken(self, theirs, endpoint_at):
        old = theirs.context(asks=ssl.CERT_NONE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.set_ciphers("ALL:@SECLEVEL=0")
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with receiving(old) as receiver:
            endpoint_at(receiver, authorities=theirs.authority.certificate)

            send_waiting(at=AT)

        assert (receiver.got, problem()) == ([], "SSLError")

    def test_a_private_address_is_told_nothing_all_the_same(
        self, theirs, endpoint_at, receiver, settings
    ):
        endpoint_at(receiver, authorities=theirs.authority.certificate)
        settings.WEBHOOK_ALLOW_LOOPBACK = False

        send_waiting(at=AT)

        assert (receiver.got, problem()) == ([], "InvalidIPAddress")


def test_a_redirect_is_not_followed_there_either(theirs, endpoint_at):
    with receiving(theirs.context()) as receiver:
        endpoint_at(receiver, identity=pem(theirs.ours), authorities=theirs.authority.certificate)
        receiver.say(302, Location=receiver.url + "/elsewhere")

        send_waiting(at=AT)

    assert receiver.paths == ["/hooks"]


class TestTheCommand:
    @pytest.fixture
    def endpoint(self):
        return Endpoint.objects.create(
            client=made_client(), url="https://hooks.example.org/", made_at=AT
        )

    def test_seals_the_key_and_tells_it_nobody(self, theirs, endpoint, tmp_path, capsys):
        key = theirs.ours.key.splitlines()[1]
        set_by_command(tmp_path, endpoint.pk, identity=pem(theirs.ours))

        endpoint.refresh_from_db()
        secret = Secret.objects.get(token=endpoint.identity)
        line = line_of(endpoint)
        assert key in line.identity
        assert secret.ring == Ring.SERVICE
        assert key.encode() not in bytes(secret.sealed)
        told = [str(event.data) for event in Event.objects.filter(subject="webhooks.endpoint")]
        assert any("identity" in one for one in told)
        heard = "".join([*told, repr(line), str(vars(endpoint)), *capsys.readouterr()])
        assert key not in heard

    def test_keeps_until_when_they_are_good(self, theirs, endpoint, tmp_path):
        believed = theirs.authority.certificate
        set_by_command(tmp_path, endpoint.pk, identity=pem(theirs.ours), authorities=believed)

        endpoint.refresh_from_db()
        assert endpoint.identity_ends_at == tls.ends_of(theirs.ours.certificate)
        assert endpoint.authorities_end_at == tls.ends_of(believed)

    def test_takes_away_what_is_not_named(self, theirs, endpoint, tmp_path):
        set_by_command(tmp_path, endpoint.pk, identity=pem(theirs.ours))

        set_by_command(tmp_path, endpoint.pk)

        endpoint.refresh_from_db()
        assert not line_of(endpoint)
        assert (endpoint.identity, endpoint.identity_ends_at) == (None, None)

    def test_leaves_what_was_where_it_refuses(self, theirs, endpoint, tmp_path):
        set_by_command(tmp_path, endpoint.pk, identity=pem(theirs.ours))
        binary = tmp_path / "binary"
        binary.write_bytes(b"\x30\x82\xff\xfe")

        with pytest.raises(CommandError, match="authorities: holds no certificate"):
            call_command("outgoing_tls", "endpoint", str(endpoint.pk), authorities=binary)

        endpoint.refresh_from_db()
        assert line_of(endpoint).identity == pem(theirs.ours)

    @pytest.mark.parametrize("name", ["0", "first", "²"])
    def test_says_that_there_is_no_such_endpoint(self, db, name):
        with pytest.raises(CommandError, match=f"There is no endpoint {name}"):
            call_command("outgoing_tls", "endpoint", name)

    def test_says_that_there_is_no_such_file(self, endpoint, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            call_command("outgoing_tls", "endpoint", str(endpoint.pk), identity=tmp_path / "none")
