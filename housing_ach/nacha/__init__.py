"""The ACH codec: reads, checks and writes NACHA files. Plain Python and NumPy: no clock, no I/O."""

from housing_ach.nacha.reader import File, read

__all__ = ["File", "read"]
