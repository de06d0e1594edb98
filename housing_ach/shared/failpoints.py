"""Points at which a test lets a process die, or stand still, as a power cut or a stalled disk would."""

import os
import signal

from django.conf import settings

STALL = ":stop"


def failpoint(name: str) -> None:
    """Nothing, unless FAILPOINT names this point (or `<name>:stop`, to stand still until SIGCONT)."""
    if name == settings.FAILPOINT:
        os.kill(os.getpid(), signal.SIGKILL)
    if name + STALL == settings.FAILPOINT:
        os.kill(os.getpid(), signal.SIGSTOP)
