"""Servers that fail in the ways banks' servers do."""

import errno
import os
from pathlib import Path
from typing import Any

import asyncssh

from housing_ach.sandbox.bank.server import SERVED, Served


class FullDisk(asyncssh.SFTPServer):
    """Takes nothing after the first block."""

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if offset:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(file_obj, offset, data)


class SilentlyFullDisk(asyncssh.SFTPServer):
    """Says it wrote, and did not."""

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        return len(data) if offset else super().write(file_obj, offset, data)


class Grumpy(asyncssh.SFTPServer):
    def remove(self, path: bytes) -> Any:
        raise asyncssh.SFTPPermissionDenied("not yours")


class HangsUpAfterRename(asyncssh.SFTPServer):
    """The rename is done, its answer is lost."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        super().posix_rename(oldpath, newpath)
        self.channel.get_connection().abort()


class HangsUpWhileWriting(asyncssh.SFTPServer):
    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if offset:
            self.channel.get_connection().abort()
        return super().write(file_obj, offset, data)


def serving(kind: type[asyncssh.SFTPServer], folder: Path) -> Served:
    return lambda channel: kind(channel, chroot=os.fsencode(folder / SERVED))
