from django.db import models
from django.db.models import CheckConstraint, IntegerField, Q, UniqueConstraint, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Mod, Ord, Substr
from django.db.models.lookups import Exact

from housing_ach.bank.states import CreditsFunded, LineEnding, ReturnsCharged, Settlement

ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def routing_is_sound(field: str) -> Q:
    """Nine digits whose weighted sum is a multiple of ten: what the ABA check digit promises."""
    total: Combinable = Value(-ord("0") * sum(ROUTING_WEIGHTS), output_field=IntegerField())
    for position, weight in enumerate(ROUTING_WEIGHTS, start=1):
        total = total + Ord(Substr(field, position, 1)) * Value(weight)
    remainder = Mod(total, Value(10), output_field=IntegerField())
    return Q((f"{field}__regex", r"^[0-9]{9}$")) & Q(Exact(remainder, Value(0)))


class BankProfile(models.Model):
    """How one bank is reached and how it behaves."""

    name = models.CharField(max_length=60, unique=True)
    is_sandbox = models.BooleanField(default=False)

    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=22)
    username = models.CharField(max_length=64)
    host_key = models.TextField(
        help_text="The bank's public host key as OpenSSH writes it: type, base64."
    )
    client_key = models.UUIDField(
        null=True, blank=True, help_text="Vault token of our private key (ring: service)."
    )
    outbound_folder = models.CharField(max_length=200, default="/outbound")
    inbound_folder = models.CharField(max_length=200, default="/inbound")
    temp_folder = models.CharField(
        max_length=200,
        default="/outbound/.tmp",
        help_text="On the same file system as the outbound folder.",
    )
    can_rename = models.BooleanField(default=True, help_text="The server offers posix-rename.")
    can_read_back = models.BooleanField(default=True)
    can_stat = models.BooleanField(default=True)

    immediate_destination = models.CharField(max_length=10)
    immediate_destination_name = models.CharField(max_length=23)
    immediate_origin = models.CharField(max_length=10)
    immediate_origin_name = models.CharField(max_length=23)
    line_ending = models.CharField(max_length=4, choices=LineEnding.choices, default=LineEnding.LF)
    balanced = models.BooleanField(default=False)
    offset_routing = models.CharField(max_length=9, null=True, blank=True)  # noqa: DJ001
    offset_account = models.UUIDField(
        null=True, blank=True, help_text="Vault token of the offset account (ring: money)."
    )
    rule_overrides = models.JSONField(
        default=dict, blank=True, help_text='Codec rule to "error", "warning" or "off".'
    )

    settlement = models.CharField(
        max_length=10, choices=Settlement.choices, default=Settlement.GROSS
    )
    returns_charged = models.CharField(
        max_length=12, choices=ReturnsCharged.choices, default=ReturnsCharged.ITEM
    )
    credits_funded = models.CharField(
        max_length=16, choices=CreditsFunded.choices, default=CreditsFunded.ON_SETTLEMENT
    )
    clear_after = models.PositiveSmallIntegerField(default=3, help_text="Banking days.")
    ack_minutes = models.PositiveIntegerField(
        default=60, help_text="Minutes after which a missing acknowledgement is an alarm."
    )
    connected_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a person last tried the connection."
    )

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535), name="bank_profile_port_is_a_port"
            ),
            CheckConstraint(
                condition=Q(immediate_destination__regex=r"^[ -~]{9,10}$"),
                name="bank_profile_destination_fits",
            ),
            CheckConstraint(
                condition=Q(immediate_origin__regex=r"^[ -~]{9,10}$"),
                name="bank_profile_origin_fits",
            ),
            CheckConstraint(
                condition=Q(offset_routing=None) | routing_is_sound("offset_routing"),
                name="bank_profile_offset_is_a_routing_number",
            ),
            CheckConstraint(
                condition=Q(balanced=False)
                | Q(offset_routing__isnull=False, offset_account__isnull=False),
                name="bank_profile_balanced_needs_offset",
            ),
            CheckConstraint(
                condition=Q(clear_after__gte=2), name="bank_profile_clears_after_returns"
            ),
            CheckConstraint(
                condition=Q(settlement__in=Settlement.values)
                & Q(returns_charged__in=ReturnsCharged.values)
                & Q(credits_funded__in=CreditsFunded.values)
                & Q(line_ending__in=LineEnding.values),
                name="bank_profile_choices_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Window(models.Model):
    """One cut-off of the bank: what reaches it earlier is processed that banking day."""

    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="windows")
    code = models.CharField(max_length=20)
    cut_off = models.TimeField(help_text="New York time.")
    same_day = models.BooleanField(default=False)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["profile", "code"], name="window_code_is_unique"),
            CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9_]*$"), name="window_code_is_upper_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.cut_off:%H:%M}"


class Company(models.Model):
    """The name, id and ODFI under which entries are sent."""

    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="companies")
    name = models.CharField(max_length=16, help_text="The payee as the payer's statement shows it.")
    company_id = models.CharField(max_length=10)
    odfi = models.CharField(max_length=9, help_text="Nine digits, check digit included.")

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            UniqueConstraint(fields=["profile", "company_id"], name="company_id_is_unique"),
            CheckConstraint(
                condition=Q(name__regex=r"^[!-~][ -~]{0,15}$") & ~Q(name__regex=r"^[0 ]*$"),
                name="company_name_can_be_sent",
            ),
            CheckConstraint(
                condition=Q(company_id__regex=r"^[ -~]{10}$") & ~Q(company_id__regex=r"^[0 ]*$"),
                name="company_id_is_ten_characters",
            ),
            CheckConstraint(
                condition=routing_is_sound("odfi"), name="company_odfi_is_a_routing_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.company_id})"
