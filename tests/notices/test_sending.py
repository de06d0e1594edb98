"""A message is sent at least once and at most as often as is said, whoever dies on the way."""

import smtplib
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.test import Client

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.notices import services
from housing_ach.notices.models import Message
from housing_ach.notices.states import MessageStatus
from housing_ach.users.services import EmailTaken
from tests.factories import AT, TenantFactory, UserFactory
from tests.payments.test_parallel import together

DAY = timedelta(days=1)


class Died(BaseException):
    """The process is gone: nothing catches it."""


class Refusing(BaseEmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, email_messages):
        raise smtplib.SMTPServerDisconnected("come back later")


def invited(number=1):
    return services.invite(TenantFactory(email=f"tenant{number}@example.org"), at=AT)


def send(at=AT):
    return services.send_waiting(at=at)


def status():
    message = Message.objects.get()
    return message.status, message.tries


@pytest.fixture
def server_down(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"


@pytest.fixture
def dies_after_sending(monkeypatch):
    def die(_name):
        raise Died

    monkeypatch.setattr("housing_ach.notices.services.sending.failpoint", die)


@pytest.mark.django_db
class TestOneSender:
    def test_it_is_sent_once(self):
        message = invited()

        assert (send(), send(AT + DAY)) == (1, 0)

        message.refresh_from_db()
        assert (message.status, message.sent_at, message.tries) == ("SENT", AT, 1)
        assert [sent.to for sent in mail.outbox] == [["tenant1@example.org"]]

    def test_it_says_who_wrote_and_that_nobody_reads_answers(self):
        message = invited()
        send()

        (sent,) = mail.outbox

        assert sent.extra_headers["Message-ID"] == f"<message-{message.pk}@127.0.0.1>"
        assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
        assert [part.mimetype for part in sent.alternatives] == ["text/html"]

    @pytest.mark.usefixtures("server_down")
    def test_a_server_that_is_down_is_asked_again_later_each_time(self):
        invited()
        send()
        assert status() == ("QUEUED", 1)
        assert send(AT + timedelta(minutes=14)) == 0
        assert status() == ("QUEUED", 1)

        send(AT + timedelta(minutes=15))

        assert status() == ("QUEUED", 2)
        assert Message.objects.get().problem == "SMTPServerDisconnected: come back later"

    @pytest.mark.usefixtures("server_down")
    def test_what_was_tried_often_enough_is_a_case(self):
        message = invited()

        for number in range(services.MOST_TRIES + 2):
            send(AT + number * DAY)

        assert status() == ("FAILED", services.MOST_TRIES)
        case = Case.objects.get(kind=CaseKind.NOTICE_NOT_SENT)
        assert case.subject_id == str(message.pk)
        assert "come back later" in case.summary

    @pytest.mark.usefixtures("server_down")
    def test_one_that_failed_is_sent_when_a_person_says_so(self, settings):
        for number in range(services.MOST_TRIES):
            send(AT + number * DAY) if Message.objects.exists() else invited()
        send(AT + 10 * DAY)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        message = Message.objects.get()
        assert message.status == "FAILED"

        services.send_again(message, at=AT + 11 * DAY)
        send(AT + 11 * DAY)

        assert status() == ("SENT", 1)

    def test_every_move_is_in_its_history(self):
        message = invited()
        send()

        (event,) = Event.objects.about(message).filter(kind="message.sent")

        assert (event.was, event.became) == ("QUEUED", "SENT")

    @pytest.mark.parametrize("change", [{"body": "other"}, {"recipient": "x@example.org"}])
    def test_what_was_written_never_changes(self, change):
        invited()

        with pytest.raises(DatabaseError, match="is forbidden"), transaction.atomic():
            Message.objects.update(**change)

    def test_no_message_is_deleted(self):
        invited()

        with pytest.raises(DatabaseError), transaction.atomic():
            Message.objects.all().delete()


class TestManySenders:
    def test_each_message_goes_once(self, committed_db):
        for number in range(25):
            invited(number)

        together(*[send] * 3)

        assert sorted(sent.to[0] for sent in mail.outbox) == sorted(
            Message.objects.values_list("recipient", flat=True)
        )
        assert set(Message.objects.values_list("status", "tries")) == {("SENT", 1)}

    def test_a_sender_that_dies_before_it_marks_sends_the_same_once_more(
        self, committed_db, dies_after_sending, monkeypatch
    ):
        invited()
        with pytest.raises(Died):
            send()
        assert (status(), len(mail.outbox)) == (("QUEUED", 1), 1)
        monkeypatch.undo()
        assert send() == 0

        send(AT + DAY)

        assert (status(), len(mail.outbox)) == (("SENT", 2), 2)
        first, second = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
        assert first == second

    def test_a_sender_that_always_dies_ends_in_a_case(self, committed_db, dies_after_sending):
        invited()
        for number in range(services.MOST_TRIES):
            with pytest.raises(Died):
                send(AT + number * DAY)

        send(AT + 30 * DAY)

        assert len(mail.outbox) == services.MOST_TRIES
        assert status() == ("FAILED", services.MOST_TRIES)
        assert Case.objects.filter(kind=CaseKind.NOTICE_NOT_SENT).exists()


@pytest.mark.django_db
class TestAnInvitation:
    def test_its_link_opens_the_page_for_a_password(self):
        tenant = invited().tenant
        send()

        link = next(line for line in mail.outbox[0].body.splitlines() if "/invitation/" in line)

        path = link.partition("127.0.0.1:8000")[2]
        answer = Client().get(path, follow=True)
        assert answer.status_code == 200
        assert answer.context["validlink"]
        tenant.refresh_from_db()
        assert tenant.user.email == tenant.email

    def test_its_link_is_kept_nowhere(self):
        message = invited()
        send()

        message.refresh_from_db()

        token = default_token_generator.make_token(message.user)
        assert token in mail.outbox[0].body
        assert "/invitation/" not in message.body + message.html

    def test_asking_twice_writes_once(self):
        message = invited()

        assert services.invite(message.tenant, at=AT) == message

    def test_one_that_was_sent_can_be_followed_by_another(self):
        message = invited()
        send()

        assert services.invite(message.tenant, at=AT) != message

    def test_nobody_is_invited_without_an_address(self):
        with pytest.raises(services.NoAddress):
            services.invite(TenantFactory(), at=AT)

    def test_nobody_gets_into_somebody_elses_account(self):
        taken = UserFactory()

        with pytest.raises(EmailTaken):
            services.invite(TenantFactory(email=taken.email.upper()), at=AT)

    def test_who_has_a_password_is_not_invited(self):
        tenant = TenantFactory(user=UserFactory())
        tenant.user.set_password("correct horse battery")
        tenant.user.save()

        with pytest.raises(services.SignedUp):
            services.invite(tenant, at=AT)


@pytest.mark.django_db
class TestTheMailFolder:
    @pytest.fixture(autouse=True)
    def folder(self, settings, tmp_path):
        settings.EMAIL_BACKEND = "housing_ach.notices.mail_folder.MailFolder"
        settings.EMAIL_FILE_PATH = tmp_path / "mail"
        return settings.EMAIL_FILE_PATH

    def test_it_keeps_what_a_mail_program_can_open(self, folder):
        invited()
        send()

        (path,) = folder.iterdir()

        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert message["To"] == "tenant1@example.org"
        assert "choose a password" in message.get_body(("plain",)).get_content()
        assert path.stat().st_mode & 0o077 == 0

    def test_what_is_sent_again_is_the_same_file(self, folder):
        message = invited()
        send()
        Message.objects.filter(pk=message.pk).update(status=MessageStatus.QUEUED, sent_at=None)

        send(AT + DAY)

        assert len(list(folder.iterdir())) == 1

    def test_it_names_what_has_no_id_of_its_own(self, folder):
        mail.send_mail("Hello", "there", None, ["a@example.org"])

        assert len(list(folder.glob("*.eml"))) == 1

    def test_it_asks_no_name_server(self, folder, monkeypatch):
        monkeypatch.delattr("socket.getfqdn")

        mail.send_mail("Hello", "there", None, ["a@example.org"])

        assert len(list(folder.glob("*.eml"))) == 1
