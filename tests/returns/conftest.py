from tests.batches.conftest import bank, town

__all__ = ["bank", "town"]
