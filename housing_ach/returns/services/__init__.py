from housing_ach.returns.services.apply import apply_return, apply_waiting
from housing_ach.returns.services.correct import apply_corrections
from housing_ach.returns.services.reading import Delivery, Unusable, delivery_of
from housing_ach.returns.services.record import record
from housing_ach.returns.services.take_in import apply_received

__all__ = [
    "Delivery",
    "Unusable",
    "apply_corrections",
    "apply_received",
    "apply_return",
    "apply_waiting",
    "delivery_of",
    "record",
]
