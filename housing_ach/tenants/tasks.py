from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants import services


@shared_task
def raise_charges() -> int:
    at = now()
    return services.raise_charges(on=new_york_date(at), at=at)
