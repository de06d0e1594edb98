"""Host keys of our own SSH servers: made when first asked for, and kept."""

import os
from pathlib import Path

import asyncssh

KIND = "ssh-ed25519"


def kept_key(path: Path) -> asyncssh.SSHKey:
    """Readable by its owner alone; two processes that make it at once end up with one."""
    if not path.exists():
        fresh = asyncssh.generate_private_key(KIND)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_bytes(fresh.export_private_key())
        partial.replace(path)
    return asyncssh.read_private_key(path)
