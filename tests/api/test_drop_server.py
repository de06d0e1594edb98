"""The file drop over SFTP: who is let in, what he sees, and when a file counts as brought."""

import contextlib
import io
import shutil
import subprocess
import sys
from threading import Event

import asyncssh
import paramiko
import pytest
from django.conf import settings
from django.db import OperationalError, connections

from housing_ach.api.drop import store
from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.drop.room import Room
from housing_ach.api.drop.uploads import Budget, Uploads
from housing_ach.api.models import DroppedFile
from housing_ach.clock import services as clock
from housing_ach.payments.models import Order
from housing_ach.users.clients import disable_client
from housing_ach.users.models import ClientUse
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.api.dropping import csv_of, read, row_of
from tests.api.dropping_server import HOST, SECONDS, Running, connected, key_for, running
from tests.factories import AT, MandateFactory
from tests.payments.story import owe

CONTENT = b"some bytes\n"


@pytest.fixture
def server(committed_db, tmp_path):
    clock.start(AT)
    with running(tmp_path / "drop") as server:
        yield server


@pytest.fixture
def client(server):
    return registered(scopes=(Scope.WRITE,))[0]


@pytest.fixture
def key(client, tmp_path):
    return key_for(client, tmp_path / "id")


@pytest.fixture
def sftp(server, client, key):
    with connected(server, client, key) as sftp:
        yield sftp


def kept():
    return list(DroppedFile.objects.order_by("pk").values_list("name", flat=True))


def test_a_file_that_was_closed_is_kept(sftp, client):
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv")

    file = DroppedFile.objects.get()
    assert (file.name, file.client, store.content_of(file)) == ("a.csv", client, CONTENT)
    assert file.received_at == AT
    assert sftp.listdir("inbox") == ["a.csv"]
    assert sftp.listdir("ack") == []


def test_a_file_counts_when_it_has_its_final_name(sftp):
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv.part")
    before = kept()

    sftp.posix_rename("inbox/a.csv.part", "/inbox/a.csv")

    assert (before, kept()) == ([], ["a.csv"])
    assert sftp.listdir("inbox") == ["a.csv"]


def test_the_ack_is_there_when_the_worker_has_been_by(sftp):
    mandate = MandateFactory()
    owe(mandate.lease)
    sftp.putfo(io.BytesIO(csv_of([row_of(mandate)])), "inbox/a.csv")
    with pytest.raises(FileNotFoundError):
        sftp.open("ack/a.csv.ack")

    apply_waiting(at=AT)

    assert sftp.listdir("ack") == ["a.csv.ack"]
    with sftp.open("ack/a.csv.ack") as file:
        content = file.read()
    assert read(content).fates == ["ACCEPTED"]
    assert sftp.stat("ack/a.csv.ack").st_size == len(content)


@pytest.fixture
def gone(monkeypatch):
    """Set when the server is through with a session."""
    event, leave = Event(), Room.exit

    def left(self):
        leave(self)
        event.set()

    monkeypatch.setattr(Room, "exit", left)
    return event


@pytest.mark.parametrize("name", ["a.csv", "a.csv.part"])
def test_a_half_uploaded_file_is_never_taken(server, client, key, name, gone):
    """The connection is dropped without a word; another one after it sees nothing."""
    with contextlib.suppress(EOFError), connected(server, client, key) as sftp:
        file = sftp.open(f"inbox/{name}", "w")
        file.write(CONTENT)
        assert file.stat().st_size == len(CONTENT)
        sftp.get_channel().get_transport().sock.close()

    assert gone.wait(SECONDS)
    with connected(server, client, key) as sftp:
        assert sftp.listdir("inbox") == []
        with pytest.raises(OSError, match="Only a file just written"):
            sftp.rename(f"inbox/{name}", "inbox/b.csv")
    assert kept() == []


def test_nor_is_one_whose_client_only_hung_up(server, client, key, gone):
    """It ends the channel in good order, but never closed the file."""
    with connected(server, client, key) as sftp:
        file = sftp.open("inbox/a.csv", "w")
        file.write(CONTENT)
        assert file.stat().st_size == len(CONTENT)
        sftp.get_channel().shutdown_write()
        assert gone.wait(SECONDS)
    assert kept() == []


def test_an_oversized_file_is_refused_and_nothing_is_kept(sftp, monkeypatch):
    monkeypatch.setattr("housing_ach.api.drop.uploads.MOST_BYTES", 100_000)

    with pytest.raises(FileNotFoundError):
        sftp.putfo(io.BytesIO(b"x" * 100_001), "inbox/a.csv")
    with pytest.raises(OSError, match="at most"):
        sftp.open("inbox/a.csv", "w").write(b"x" * 100_001)
    assert kept() == []
    assert sftp.listdir("inbox") == []
    sftp.putfo(io.BytesIO(b"x" * 100_000), "inbox/b.csv")
    assert kept() == ["b.csv"]


def test_only_so_much_is_unfinished_at_once(sftp, monkeypatch):
    monkeypatch.setattr("housing_ach.api.drop.uploads.MOST_GROWING", 1)
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv.part")

    with pytest.raises(OSError, match="unfinished"):
        sftp.putfo(io.BytesIO(CONTENT), "inbox/b.csv.part")
    sftp.remove("inbox/a.csv.part")
    sftp.putfo(io.BytesIO(CONTENT), "inbox/b.csv.part")


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "inbox/../../../etc/passwd",
        "/inbox/sub/a.csv",
        "ack/../../inbox/../etc/passwd",
        "inbox/a.exe",
        "inbox/.ssh",
        "a.csv",
        "ack/a.csv",
        "inbox/é.csv",
    ],
)
def test_no_path_leads_out(sftp, path):
    with pytest.raises(OSError, match=r".+"):
        sftp.open(path, "w")
    with pytest.raises(OSError, match=r".+"):
        sftp.open(path)
    with pytest.raises(FileNotFoundError):
        sftp.stat(path)


def test_the_root_has_two_folders(sftp):
    assert sftp.listdir("/") == sftp.listdir("../..") == ["inbox", "ack"]
    assert sftp.normalize("inbox/../../x") == "/x"


def test_what_is_not_needed_is_not_there(sftp):
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv")
    refused = [
        lambda: sftp.symlink("/etc/passwd", "inbox/b.csv"),
        lambda: sftp.readlink("inbox/a.csv"),
        lambda: sftp.mkdir("inbox/sub"),
        lambda: sftp.rmdir("inbox"),
        lambda: sftp.remove("inbox/a.csv"),
        lambda: sftp.rename("inbox/a.csv", "inbox/b.csv"),
        lambda: sftp.truncate("inbox/a.csv", 1),
        lambda: sftp.open("inbox/a.csv"),
        lambda: sftp.open("inbox/b.csv", "a"),
    ]

    for ask in refused:
        with pytest.raises(OSError, match=r".+"):
            ask()
    assert sftp.listdir("inbox") == ["a.csv"]


@pytest.mark.parametrize("ask", ["exec", "shell", "pty", "forward", "subsystem"])
def test_there_is_nothing_but_sftp(server, client, key, ask):
    with paramiko.Transport((HOST, server.port)) as transport:
        transport.connect(username=client.client_id, pkey=paramiko.Ed25519Key(filename=str(key)))
        asks = {
            "exec": lambda: transport.open_session().exec_command("id"),
            "shell": lambda: transport.open_session().invoke_shell(),
            "pty": lambda: transport.open_session().get_pty(),
            "forward": lambda: transport.open_channel(
                "direct-tcpip", (HOST, server.port), (HOST, 1)
            ),
            "subsystem": lambda: transport.open_session().invoke_subsystem("netconf"),
        }
        with pytest.raises((paramiko.SSHException, EOFError)):
            asks[ask]()


def test_the_files_of_another_client_are_not_seen(server, sftp, tmp_path):
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv")
    apply_waiting(at=AT)
    other = registered(scopes=(Scope.WRITE,))[0]

    with connected(server, other, key_for(other, tmp_path / "other")) as theirs:
        assert theirs.listdir("inbox") == theirs.listdir("ack") == []
        with pytest.raises(FileNotFoundError):
            theirs.stat("inbox/a.csv")
        with pytest.raises(FileNotFoundError):
            theirs.open("ack/a.csv.ack")
        theirs.putfo(io.BytesIO(CONTENT), "inbox/a.csv")
    assert DroppedFile.objects.count() == 2


def test_a_key_that_is_not_the_clients_does_not_open(server, client, key, tmp_path):
    strange = key_for(registered()[0], tmp_path / "strange")
    waiting = key_for(client, tmp_path / "waiting", approved=False)

    for wrong in (strange, waiting):
        with (
            pytest.raises(paramiko.AuthenticationException),
            connected(server, client, wrong),
        ):
            pass
    assert ClientUse.objects.get(client=client).failures >= 2


def test_no_password_is_even_asked_for(server, client):
    with paramiko.Transport((HOST, server.port)) as transport:
        transport.start_client(timeout=20)
        with pytest.raises(paramiko.BadAuthenticationType) as refused:
            transport.auth_password(client.client_id, "secret")
    assert refused.value.allowed_types == ["publickey"]


def test_a_disabled_client_is_out_at_once(server, sftp, client, key):
    sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv")
    disable_client(client)

    with pytest.raises(FileNotFoundError):
        sftp.putfo(io.BytesIO(b"more"), "inbox/b.csv")
    assert sftp.listdir("inbox") == []
    with pytest.raises(paramiko.AuthenticationException), connected(server, client, key):
        pass
    assert kept() == ["a.csv"]


def test_each_use_is_noted(sftp, client):
    sftp.listdir("/")

    assert ClientUse.objects.get(client=client).last_address == HOST


def test_its_own_key_stays(server, tmp_path):
    assert (tmp_path / "drop/host_key").stat().st_mode & 0o077 == 0
    with running(tmp_path / "drop") as again:
        assert again.host_key == server.host_key


@pytest.mark.skipif(not shutil.which("sftp"), reason="the OpenSSH client sftp is not installed")
def test_the_sftp_of_openssh_brings_a_file_and_fetches_its_ack(server, client, key, tmp_path):
    mandate = MandateFactory()
    owe(mandate.lease)
    content = csv_of([row_of(mandate)])
    (tmp_path / "rent.csv").write_bytes(content)

    put = openssh(
        server, client, key, tmp_path, f"put -p {tmp_path}/rent.csv inbox/", "ls -l inbox"
    )
    apply_waiting(at=AT)
    got = openssh(server, client, key, tmp_path, f"get ack/rent.csv.ack {tmp_path}/", "ls ack")

    assert put.returncode == got.returncode == 0, put.stderr + got.stderr
    assert f"{len(content)} rent.csv" in put.stdout
    ack = (tmp_path / "rent.csv.ack").read_bytes()
    assert read(ack).fates == ["ACCEPTED"]
    assert Order.objects.get().external_id == read(ack).rows[0]["external_id"]


def openssh(server, client, key, tmp_path, *lines):
    """Trusts the pinned host key alone."""
    hosts = tmp_path / "known_hosts"
    hosts.write_text(f"[{HOST}]:{server.port} {server.host_key}")
    options = [
        *("-F", "/dev/null", "-b", "-", "-i", str(key), "-P", str(server.port)),
        *("-o", f"UserKnownHostsFile={hosts}", "-o", "GlobalKnownHostsFile=/dev/null"),
        *(
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "IdentityAgent=none",
        ),
    ]
    return subprocess.run(
        ["sftp", *options, f"{client.client_id}@{HOST}"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_serves_until_it_is_told_to_stop(committed_db, tmp_path):
    """As the role of processes that face the network."""
    clock.start(AT)
    client = registered(scopes=(Scope.WRITE,))[0]
    key = key_for(client, tmp_path / "id")
    command = ["manage.py", "file_drop", "--port", "0", "--host-key", str(tmp_path / "host_key")]
    with subprocess.Popen(
        [sys.executable, *command],
        env=committed_db.environment("web"),
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            place = process.stdout.readline().strip()
            server = Running(int(place.rpartition(":")[2]), tmp_path)
            with connected(server, client, key) as sftp:
                sftp.putfo(io.BytesIO(CONTENT), "inbox/a.csv")
                process.terminate()
                assert process.wait(SECONDS) == 0
        finally:
            process.kill()
    assert kept() == ["a.csv"]


def test_the_web_role_is_enough_to_take_a_file(committed_db):
    client = registered(scopes=(Scope.WRITE,))[0]

    with committed_db.acting_as("app"):
        store.take(client.client_id, "a.csv", CONTENT, at=AT)
        assert [row.name for row in store.listed(client.client_id)] == ["a.csv"]
        connections["default"].close()
    assert store.content_of(DroppedFile.objects.get()) == CONTENT


def test_what_lies_unfinished_is_bounded_for_all_together():
    uploads = Uploads(Budget(left=10))
    other = Uploads(uploads.budget)
    first, second = uploads.begin("a.csv.part"), other.begin("a.csv.part")
    uploads.write(first, 0, b"x" * 8)

    with pytest.raises(asyncssh.SFTPFailure):
        other.write(second, 0, b"x" * 3)
    uploads.write(first, 0, b"y" * 8)
    uploads.drop_all()
    other.drop_all()

    assert uploads.budget.left == 10
    with pytest.raises(asyncssh.SFTPFailure):
        other.write(other.begin("b.csv"), 1, b"x")


def test_without_the_database_the_client_is_told_to_come_back(sftp, monkeypatch, caplog):
    def down(*_, **__):
        raise OperationalError("host=db password=secret")

    monkeypatch.setattr(store, "take", down)
    file = sftp.open("inbox/a.csv.part", "w")
    file.write(CONTENT)
    file.close()

    with pytest.raises(OSError, match="come back later") as refused:
        sftp.rename("inbox/a.csv.part", "inbox/a.csv")
    assert "secret" not in f"{refused.value}{caplog.text}"
    assert sftp.listdir("inbox") == []
