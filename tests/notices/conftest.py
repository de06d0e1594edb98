from tests.returns.conftest import quiet_town

__all__ = ["quiet_town"]
