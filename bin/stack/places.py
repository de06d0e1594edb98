"""Where things are: the checkout, the folder of all state, and folders short enough for sockets."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
NOBODY = 65534
# A unix socket's path has 107 bytes; the file's own name takes up to 24 of them.
LONGEST_SOCKET_FOLDER = 80


def var_dir() -> Path:
    """All state is here; HMS_VAR puts it elsewhere."""
    return Path(os.environ.get("HMS_VAR") or BASE / "var").resolve()


def socket_dir(root: Path) -> Path:
    """A private folder for sockets whose path is short and needs no quoting in a URL."""
    folder = root.resolve() / "s"
    if len(str(folder)) > LONGEST_SOCKET_FOLDER or not re.fullmatch(r"[\w./-]+", str(folder), re.A):
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"hms-{os.getuid()}-{digest}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    owners = {os.getuid(), NOBODY} if os.geteuid() == 0 else {os.getuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise SystemExit(f"{folder} belongs to somebody else: remove it, or set HMS_VAR")
    return folder
