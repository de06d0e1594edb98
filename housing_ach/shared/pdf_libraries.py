"""Debian's libraries that WeasyPrint loads. Plain Python: `bin/setup` asks before all else is there."""

import ctypes
import sys

PACKAGES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


def missing_packages() -> list[str]:
    """What `apt-get install` has to bring before a PDF can be made."""
    return [package for library, package in PACKAGES.items() if not _is_there(library)]


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_packages()))
