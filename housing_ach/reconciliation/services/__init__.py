from housing_ach.reconciliation.services.apply import apply_received
from housing_ach.reconciliation.services.take import MOST_BYTES, content_of, take

__all__ = ["MOST_BYTES", "apply_received", "content_of", "take"]
