from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from housing_ach.users.states import ClientAuth, Scope


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail address; the staff among them with a second factor."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="email_is_unique_in_any_case")
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Client(models.Model):
    """A program that calls the API. It acts for the organisation and is no person.

    It is of no use before a second person approved it. `secret_hash` is the SHA-256 of a secret of 256
    random bits, shown once; `jwks` its own public keys (RFC 7517); `thumbprints` the SHA-256 of the
    certificates it may show, base64url as in `x5t#S256` (RFC 8705 3.1), `certificate_ends` when each of
    them ends where that is known (instants). `proved_at` is since when its
    newest proof counts; null: since it was approved. No `networks`: it may call from anywhere.
    """

    client_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    auth_method = models.CharField(max_length=20, choices=ClientAuth)
    secret_hash = models.CharField(max_length=64, blank=True)
    jwks = models.JSONField(default=dict, blank=True)
    thumbprints = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    certificate_ends = models.JSONField(default=dict, blank=True)
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="client_maker_is_not_its_checker"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=False, approved_at__isnull=False)
                | Q(approved_by__isnull=True, approved_at__isnull=True, is_active=False),
                name="only_an_approved_client_is_active",
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0, scopes__contained_by=Scope.values),
                name="client_has_known_scopes",
            ),
            models.CheckConstraint(
                condition=Q(auth_method=ClientAuth.SECRET) & ~Q(secret_hash="")
                | Q(auth_method=ClientAuth.KEY) & ~Q(jwks={})
                | Q(auth_method=ClientAuth.CERTIFICATE, thumbprints__len__gt=0),
                name="client_can_prove_who_it_is",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id


class ClientUse(models.Model):
    """When a client was last let in, and how often it was turned away since."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="use")
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.GenericIPAddressField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=100, blank=True)
    last_failed_address = models.GenericIPAddressField(null=True, blank=True)

    def __str__(self) -> str:
        return f"use of client {self.client_id}"


class ProofChangeQuerySet(models.QuerySet["ProofChange"]):
    def waiting(self) -> "ProofChangeQuerySet":
        return self.filter(approved_at=None, dropped_at=None)


class ProofChange(models.Model):
    """A new secret, key or certificate of a client, or other scopes. It counts once a second person approved it.

    `scopes` are all it has then; none: they stay as they are. `replaced_hash` is of the secret it took the place of, which is good until `replaced_ends_at`.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="proof_changes")
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    jwks = models.JSONField(default=dict, blank=True)
    thumbprints = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    certificate_ends = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    replaced_hash = models.CharField(max_length=64, blank=True)
    replaced_ends_at = models.DateTimeField(null=True, blank=True)

    objects = ProofChangeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="proof_maker_is_not_its_checker"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=False, approved_at__isnull=False)
                | Q(approved_by__isnull=True, approved_at__isnull=True),
                name="approved_proof_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(dropped_at=None),
                name="dropped_proof_is_not_approved",
            ),
            models.CheckConstraint(
                condition=~Q(secret_hash="")
                | ~Q(jwks={})
                | Q(thumbprints__len__gt=0)
                | Q(scopes__len__gt=0),
                name="proof_change_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values), name="proof_change_has_known_scopes"
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(approved_at=None, dropped_at=None),
                name="one_proof_of_a_client_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"proof #{self.pk} of client {self.client_id}"


class SshKeyQuerySet(models.QuerySet["SshKey"]):
    def usable(self) -> "SshKeyQuerySet":
        return self.filter(approved_by__isnull=False, client__is_active=True)


class SshKey(models.Model):
    """A public key with which a client brings files; of no use before a second person approved it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="ssh_keys")
    line = models.TextField(help_text="As OpenSSH writes it, without a comment.")
    fingerprint = models.CharField(max_length=60)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = SshKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "fingerprint"], name="ssh_key_is_registered_once"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="ssh_key_maker_is_not_its_checker"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=False, approved_at__isnull=False)
                | Q(approved_by__isnull=True, approved_at__isnull=True),
                name="ssh_key_is_approved_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return self.fingerprint
