"""What one client sees over SFTP: `inbox/` and `ack/`, out of the database. No disk is behind it.

A file is taken when its client closes it under its final name, or gives it that name afterwards.
"""

import posixpath
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import asyncssh

from housing_ach.api.drop import store
from housing_ach.api.drop.keeper import Keeper
from housing_ach.api.drop.names import ACK, is_final, is_unfinished
from housing_ach.api.drop.store import Listed
from housing_ach.api.drop.uploads import Upload, Uploads
from housing_ach.clock.services import now

INBOX, ACKS = "inbox", "ack"
FOLDERS = (INBOX, ACKS)
FOLDER_MODE = stat.S_IFDIR | 0o700
FILE_MODE = stat.S_IFREG | 0o600


@dataclass(frozen=True)
class Reading:
    """An ack as it was when it was opened."""

    content: bytes = field(repr=False)


class Room:
    def __init__(self, client_id: str, keeper: Keeper, uploads: Uploads) -> None:
        self.client_id = client_id
        self.keeper = keeper
        self.uploads = uploads
        self.is_over = False

    async def open(self, path: bytes, flags: int, attrs: asyncssh.SFTPAttrs) -> Upload | Reading:
        folder, name = _place(path)
        if not flags & asyncssh.FXF_WRITE:
            return await self._reading(folder, name)
        if folder != INBOX:
            raise asyncssh.SFTPPermissionDenied("Files are put into inbox/")
        if flags & asyncssh.FXF_APPEND:
            raise asyncssh.SFTPOpUnsupported("A file is written from its beginning")
        if not is_final(name) and not is_unfinished(name):
            raise asyncssh.SFTPPermissionDenied("Names are like rent-2026-03.csv or .ach")
        return self.uploads.begin(name)

    async def close(self, file: Upload | Reading) -> None:
        """Also called for what is still open when the session ends: that is thrown away."""
        if isinstance(file, Reading):
            return
        file.is_open = False
        if self.is_over:
            self.uploads.drop(file)
        elif file.is_spoiled:
            self.uploads.drop(file)
            raise asyncssh.SFTPFailure("Nothing of that file was taken")
        elif is_final(file.name):
            await self._take(file, file.name)

    def read(self, file: Upload | Reading, offset: int, size: int) -> bytes:
        if isinstance(file, Upload):
            raise asyncssh.SFTPPermissionDenied("What is in inbox/ cannot be read")
        return file.content[offset : offset + size]

    def write(self, file: Upload | Reading, offset: int, data: bytes) -> int:
        if isinstance(file, Reading):
            raise asyncssh.SFTPPermissionDenied("An ack cannot be written")
        return self.uploads.write(file, offset, data)

    async def rename(self, old: bytes, new: bytes) -> None:
        (was_in, was), (is_in, name) = _place(old), _place(new)
        upload = self.uploads.by_name.get(was)
        if upload is None or upload.is_open or (was_in, is_in) != (INBOX, INBOX):
            raise asyncssh.SFTPPermissionDenied("Only a file just written is given another name")
        if not is_final(name):
            raise asyncssh.SFTPPermissionDenied("Names are like rent-2026-03.csv or .ach")
        await self._take(upload, name)

    posix_rename = rename

    def remove(self, path: bytes) -> None:
        folder, name = _place(path)
        upload = self.uploads.by_name.get(name)
        if folder != INBOX or upload is None or upload.is_open:
            raise asyncssh.SFTPPermissionDenied("What was brought stays")
        self.uploads.drop(upload)

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        folder, name = _place(path)
        if not name:
            return asyncssh.SFTPAttrs(permissions=FOLDER_MODE)
        if folder == INBOX and (upload := self.uploads.by_name.get(name)):
            return self.fstat(upload)
        shown = await self._shown(folder, name)
        if shown is None:
            raise asyncssh.SFTPNoSuchFile("There is no such file")
        return shown

    lstat = stat

    def fstat(self, file: Upload | Reading) -> asyncssh.SFTPAttrs:
        return _file(len(file.content))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Times and rights of a file are nothing here; its size is what was written."""
        if attrs.size:
            raise asyncssh.SFTPOpUnsupported("A file is as long as what was written")

    lsetstat = setstat

    def fsetstat(self, file: Upload | Reading, attrs: asyncssh.SFTPAttrs) -> None:
        self.setstat(b"", attrs)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        folder, name = _place(path)
        if name:
            raise asyncssh.SFTPNoSuchFile("There is no such folder")
        for entry in await self._entries(folder):
            yield entry

    async def _entries(self, folder: str) -> list[asyncssh.SFTPName]:
        if not folder:
            attrs = asyncssh.SFTPAttrs(permissions=FOLDER_MODE)
            return [_name(known, attrs) for known in FOLDERS]
        rows = await self.keeper.ask(self.client_id, store.listed, self.client_id)
        end = ACK if folder == ACKS else ""
        shown = ((row.name + end, _shown(folder, row)) for row in rows)
        entries = [_name(name, attrs) for name, attrs in shown if attrs]
        growing = self.uploads.by_name.values() if folder == INBOX else ()
        hidden = [upload for upload in growing if is_unfinished(upload.name)]
        return entries + [_name(upload.name, self.fstat(upload)) for upload in hidden]

    def realpath(self, path: bytes) -> bytes:
        return ("/" + "/".join(_parts(path))).encode()

    def exit(self) -> None:
        self.uploads.drop_all()

    async def _take(self, upload: Upload, name: str) -> None:
        """It is in the database before the client is told so; if not, it is nowhere."""
        content = bytes(upload.content)
        try:
            await self.keeper.ask(self.client_id, _taken, self.client_id, name, content)
        finally:
            self.uploads.drop(upload)

    async def _reading(self, folder: str, name: str) -> Reading:
        if folder == INBOX:
            raise asyncssh.SFTPPermissionDenied("What is in inbox/ cannot be read")
        content = b""
        if folder == ACKS and name.endswith(ACK):
            known = name.removesuffix(ACK)
            content = await self.keeper.ask(self.client_id, store.ack_of, self.client_id, known)
        if not content:
            raise asyncssh.SFTPNoSuchFile("There is no such ack, or not yet")
        return Reading(content)

    async def _shown(self, folder: str, name: str) -> asyncssh.SFTPAttrs | None:
        if folder not in FOLDERS or (folder == ACKS and not name.endswith(ACK)):
            return None
        known = name.removesuffix(ACK) if folder == ACKS else name
        row = await self.keeper.ask(self.client_id, store.found, self.client_id, known)
        return _shown(folder, row) if row else None


def _taken(client_id: str, name: str, content: bytes) -> None:
    store.take(client_id, name, content, at=now())


def _parts(path: bytes) -> list[str]:
    """`..` ends at the root, as there is nothing above it."""
    try:
        text = path.decode("ascii")
    except UnicodeDecodeError:
        raise asyncssh.SFTPNoSuchFile("Names are plain ASCII") from None
    return [part for part in posixpath.normpath("/" + text).split("/") if part]


def _place(path: bytes) -> tuple[str, str]:
    """Folder and file; empty where there is none. Raises SFTPNoSuchFile."""
    parts = _parts(path)
    if len(parts) > 2 or (parts and parts[0] not in FOLDERS):
        if len(parts) == 1:
            return "", parts[0]
        raise asyncssh.SFTPNoSuchFile("There are inbox/ and ack/ alone")
    folder, name, *_ = (*parts, "", "")
    return folder, name


def _shown(folder: str, row: Listed) -> asyncssh.SFTPAttrs | None:
    if folder == INBOX:
        return _file(row.size, row.at)
    return _file(row.ack, row.answered_at) if row.answered_at else None


def _file(size: int, at: datetime | None = None) -> asyncssh.SFTPAttrs:
    instant = int(at.timestamp()) if at else None
    return asyncssh.SFTPAttrs(size=size, permissions=FILE_MODE, atime=instant, mtime=instant)


def _name(name: str, attrs: asyncssh.SFTPAttrs) -> asyncssh.SFTPName:
    mode = stat.filemode(attrs.permissions or 0)
    longname = f"{mode} 1 - - {attrs.size or 0:>10} {name}"
    return asyncssh.SFTPName(name.encode(), longname.encode(), attrs)
