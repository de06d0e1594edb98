import pytest
from django.db import IntegrityError, transaction

from housing_ach.bank.models import BankProfile, Company, Window
from tests.factories import BankProfileFactory, CompanyFactory, WindowFactory

pytestmark = pytest.mark.django_db


def refused(model, row, constraint, /, **values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("odfi", ["123456781", "12345678", "12345678a", ""])
def test_an_odfi_must_be_a_routing_number(odfi):
    refused(Company, CompanyFactory(), "company_odfi_is_a_routing_number", odfi=odfi)


@pytest.mark.parametrize("odfi", ["021000021", "121042882", "011401533"])
def test_real_routing_numbers_are_taken(odfi):
    assert CompanyFactory(odfi=odfi).pk


@pytest.mark.parametrize("company_id", ["123456789", "          ", "0000000000", "12345678\n0"])
def test_a_company_id_is_ten_characters_that_say_something(company_id):
    refused(Company, CompanyFactory(), "company_id_is_ten_characters", company_id=company_id)


@pytest.mark.parametrize("name", ["", " ALDER", "0000", "CAFÉ"])
def test_a_company_name_can_be_printed_and_is_not_blank(name):
    refused(Company, CompanyFactory(), "company_name_can_be_sent", name=name)


def test_two_companies_of_a_bank_cannot_share_an_id():
    first = CompanyFactory()

    with pytest.raises(IntegrityError, match="company_id_is_unique"):
        CompanyFactory(profile=first.profile, company_id=first.company_id)


def test_a_window_is_named_once_per_bank():
    window = WindowFactory()

    with pytest.raises(IntegrityError, match="window_code_is_unique"):
        Window.objects.create(profile=window.profile, code=window.code, cut_off=window.cut_off)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("bank_profile_port_is_a_port", {"port": 70000}),
        ("bank_profile_destination_fits", {"immediate_destination": "12345"}),
        ("bank_profile_origin_fits", {"immediate_origin": "é23456789"}),
        ("bank_profile_clears_after_returns", {"clear_after": 1}),
        ("bank_profile_choices_are_known", {"settlement": "gross"}),
        ("bank_profile_balanced_needs_offset", {"balanced": True}),
        ("bank_profile_offset_is_a_routing_number", {"offset_routing": "123456789"}),
    ],
)
def test_a_profile_that_no_bank_could_have_is_refused(constraint, values):
    refused(BankProfile, BankProfileFactory(), constraint, **values)
