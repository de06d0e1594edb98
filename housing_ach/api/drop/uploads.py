"""Files while they grow: in memory alone, and not more of them than the process can bear."""

from dataclasses import dataclass, field

import asyncssh

from housing_ach.api.drop.store import MOST_BYTES

MOST_GROWING = 8


@dataclass
class Budget:
    """Bytes of all unfinished files of the process together."""

    left: int = 200_000_000

    def take(self, count: int) -> None:
        if count > self.left:
            raise asyncssh.SFTPFailure("Too much is being uploaded; come back later")
        self.left -= count

    def give_back(self, count: int) -> None:
        self.left += count


@dataclass
class Upload:
    """`is_open` until its client closed it; spoiled, it can only be thrown away."""

    name: str
    content: bytearray = field(default_factory=bytearray, repr=False)
    is_open: bool = True
    is_spoiled: bool = False


class Uploads:
    """Those of one session, by name. All are gone with it."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.by_name: dict[str, Upload] = {}

    def begin(self, name: str) -> Upload:
        known = self.by_name.get(name)
        if known and known.is_open:
            raise asyncssh.SFTPFailure("That file is being written")
        if known:
            self.drop(known)
        if len(self.by_name) >= MOST_GROWING:
            raise asyncssh.SFTPFailure("Too many files are unfinished")
        self.by_name[name] = Upload(name)
        return self.by_name[name]

    def write(self, upload: Upload, offset: int, data: bytes) -> int:
        """What cannot be taken spoils the file, so that closing it does not make it one."""
        end = offset + len(data)
        try:
            _require_place(upload, offset, end)
            self.budget.take(max(0, end - len(upload.content)))
        except asyncssh.SFTPFailure:
            self._spoil(upload)
            raise
        upload.content[offset:end] = data
        return len(data)

    def drop(self, upload: Upload) -> None:
        self.by_name.pop(upload.name, None)
        self._spoil(upload)

    def drop_all(self) -> None:
        for upload in list(self.by_name.values()):
            self.drop(upload)

    def _spoil(self, upload: Upload) -> None:
        self.budget.give_back(len(upload.content))
        upload.content = bytearray()
        upload.is_spoiled = True


def _require_place(upload: Upload, offset: int, end: int) -> None:
    if upload.is_spoiled or end > MOST_BYTES:
        raise asyncssh.SFTPFailure(f"A file has at most {MOST_BYTES} bytes")
    if offset > len(upload.content):
        raise asyncssh.SFTPFailure("A file is written from its beginning, without gaps")
