"""Live mode sends real mail, with links that lead home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from housing_ach.notices.checks import require_mail_server

ROOT = Path(__file__).parents[2]
NAMES = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS", "BACKEND")


def mail_settings(url):
    """What a new process makes of EMAIL_URL."""
    code = (
        "import json; from housing_ach import settings as s;"
        f"print(json.dumps([getattr(s, 'EMAIL_' + name) for name in {NAMES!r}]))"
    )
    env = {**os.environ, "EMAIL_URL": url}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True
    )
    return dict(zip(NAMES, json.loads(done.stdout), strict=True))


def test_a_server_is_told_by_its_url():
    told = mail_settings("smtp+tls://rent:p%40ss@mail.example.org")

    assert (told["HOST"], told["PORT"], told["USE_TLS"]) == ("mail.example.org", 587, True)
    assert (told["HOST_USER"], told["HOST_PASSWORD"]) == ("rent", "p@ss")
    assert told["BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


def test_without_a_server_messages_are_files():
    assert mail_settings("")["BACKEND"] == "housing_ach.notices.mail_folder.MailFolder"


@pytest.mark.parametrize(
    ("live", "backend", "site", "problems"),
    [
        (False, "housing_ach.notices.mail_folder.MailFolder", "http://127.0.0.1:8000", 0),
        (True, "housing_ach.notices.mail_folder.MailFolder", "http://127.0.0.1:8000", 2),
        (True, "django.core.mail.backends.smtp.EmailBackend", "https://rent.example.org", 0),
    ],
)
def test_live_mode_needs_both(settings, live, backend, site, problems):
    settings.LIVE_MODE, settings.EMAIL_BACKEND, settings.SITE_URL = live, backend, site

    assert len(require_mail_server()) == problems
