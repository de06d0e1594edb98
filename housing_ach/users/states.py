from django.db import models

SYSTEM_EMAIL = "system@hms-ach.invalid"
# The sign-in asks for the device of this name first.
DEVICE = "default"


class Scope(models.TextChoices):
    """What a program may do by the API: each alone, none implies another."""

    READ = "ach:read", "Read"
    WRITE = "ach:write", "Move money"
    RECON = "ach:recon", "Reconcile"
    TOKENIZE = "ach:tokenize", "Give account numbers"


class ClientAuth(models.TextChoices):
    """How a program proves who it is at the token endpoint (RFC 6749 2.3.1, RFC 7523 2.2, RFC 8705 2)."""

    SECRET = "client_secret_basic", "Secret"
    KEY = "private_key_jwt", "Own signing key"
    CERTIFICATE = "tls_client_auth", "Client certificate"
