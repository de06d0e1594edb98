"""Servers on loopback that prove themselves, and may ask who we are."""

import ssl

from bin.stack.authority import SERVER, Authority, Identity
from housing_ach.shared.tls import as_file

HOSTS = ("localhost", "127.0.0.1")


class Receiving:
    """Whoever runs a destination: its authority, its servers' certificate, and ours from it."""

    def __init__(self) -> None:
        self.authority = Authority("The receiver's own")
        self.server = self.authority.issue("localhost", usage=SERVER, hosts=HOSTS)
        self.elsewhere = self.authority.issue("elsewhere", usage=SERVER, hosts=["elsewhere.test"])
        self.ours = self.authority.issue("hms-ach")
        self.stranger = Authority("A stranger's")

    def context(
        self, server: Identity | None = None, *, asks: ssl.VerifyMode = ssl.CERT_REQUIRED
    ) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.verify_mode = asks
        made.load_verify_locations(cadata=self.authority.certificate)
        with as_file(pem(server or self.server)) as path:
            made.load_cert_chain(path)
        return made


def pem(identity: Identity) -> str:
    """As one text, the certificate first."""
    return identity.certificate + identity.key


def shown_on(line: object) -> str:
    """The name in the certificate the other side showed; empty where it showed none."""
    told = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
    names = [value for part in (told or {}).get("subject", ()) for _, value in part]
    return names[0] if names else ""
