"""The only file that reads the environment. Sections stand in Django's own order."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    return env(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


# Mode. Live mode refuses sandbox routing numbers, the movable clock and the sandbox commands.
LIVE_MODE = env_bool("LIVE_MODE", default=False)
VAR_DIR = Path(env("HMS_VAR", str(BASE_DIR / "var")))

# Plain http is allowed only by naming it, as `bin/run` does on loopback.
INSECURE_HTTP = env_bool("INSECURE_HTTP", default=False)

# Core
DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY") or (VAR_DIR / "keys" / "secret_key").read_text().strip()
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

PACKAGES = [
    "audit",
    "vault",
    "clock",
    "bank",
    "users",
    "ledger",
    "cases",
    "tenants",
    "mandates",
    "payments",
    "payouts",
    "batches",
    "returns",
    "reconciliation",
    "reports",
    "notices",
    "webhooks",
    "erp",
    "proof",
    "portal",
    "desk",
    "api",
    "sandbox",
]

INSTALLED_APPS = [
    "housing_ach.users.admin_site.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "two_factor",
    "two_factor.plugins.webauthn",
    "axes",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "heroicons",
    "django.forms",
    *(f"housing_ach.{package}" for package in PACKAGES),
]

MIDDLEWARE = [
    "housing_ach.api.requests.RequestIdMiddleware",
    "housing_ach.api.certificates.ClientCertificateMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "housing_ach.users.middleware.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "housing_ach.users.middleware.StaffSessionMiddleware",
    "housing_ach.users.middleware.SignInMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "housing_ach.urls"
WSGI_APPLICATION = "housing_ach.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "housing_ach.shared.page_context.page",
                "housing_ach.desk.page_context.menu",
            ],
            "libraries": {"ui": "housing_ach.shared.templatetags.ui"},
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DJANGO_TABLES2_TEMPLATE = "tables/table.html"

# Database. PostgreSQL only; the URL is libpq's (`postgresql://user@/name?host=/socket/folder`).


def database(url: str) -> dict[str, Any]:
    given: dict[str, Any] = dict(conninfo_to_dict(url))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", "hms"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": str(given.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "hms-ach", **given},
    }


DATABASES = {"default": database(env("DATABASE_URL", "postgresql:///hms"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker: a hint only, PostgreSQL holds the truth.
REDIS_URL = env("REDIS_URL", "redis://127.0.0.1:6379/0")

# Sign-in
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "two_factor:login"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
TWO_FACTOR_WEBAUTHN_RP_NAME = "HMS-ACH"
TWO_FACTOR_LOGIN_TIMEOUT = 300
# Five wrong passwords lock this name from this address for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_USERNAME_FORM_FIELD = "username"
# No password, right or wrong, is written down with an attempt.
AXES_SENSITIVE_PARAMETERS = ["username", "auth-password", "password", "code", "token-otp_token"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
OTP_TOTP_ISSUER = "HMS-ACH"
# Who may look at everything must not see the keys of other people's second factors.
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# Time. Everything is stored in UTC; New York time lives in the banking calendar alone.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
# `bin/setup` compiles what stands in housing_ach/locale.
LOCALE_PATHS = [BASE_DIR / "build" / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = not INSECURE_HTTP
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# E-mail. A server is `smtp://`, `smtps://` or `smtp+tls://user:password@host:port`; without one,
# messages are files in a folder.
EMAIL_URL = urlsplit(env("EMAIL_URL"))
EMAIL_BACKEND = env(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_URL.scheme
    else "housing_ach.notices.mail_folder.MailFolder",
)
EMAIL_HOST = EMAIL_URL.hostname or "localhost"
EMAIL_PORT = EMAIL_URL.port or {"smtps": 465, "smtp+tls": 587}.get(EMAIL_URL.scheme, 25)
EMAIL_HOST_USER = unquote(EMAIL_URL.username or "")
EMAIL_HOST_PASSWORD = unquote(EMAIL_URL.password or "")
EMAIL_USE_SSL = EMAIL_URL.scheme == "smtps"
EMAIL_USE_TLS = EMAIL_URL.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("EMAIL_FROM", "HMS-ACH <no-reply@hms-ach.invalid>")
# Where links in messages lead.
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# Static files
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(VAR_DIR / "static")))
# `bin/setup` makes the fonts: what browsers fetch, and what is set into PDFs.
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "build" / "static"]
PDF_FONTS = BASE_DIR / "build" / "fonts"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security
SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE_HTTP
SESSION_COOKIE_NAME = "hms-session" if INSECURE_HTTP else "__Host-hms-session"
CSRF_COOKIE_NAME = "hms-csrf" if INSECURE_HTTP else "__Host-hms-csrf"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# The contract, as OpenAPI tells it (housing_ach/api/described).
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],
    "ENFORCE_NON_BLANK_FIELDS": True,
}

# API: who signs the tokens and whom they are for. Tokens that move money are bound to the client's
# certificate, which the proxy in front shows beside its own secret.
API_URL = env("API_URL", SITE_URL).rstrip("/")
API_ISSUER = API_URL
API_AUDIENCE = f"{API_URL}/api"
API_REQUIRE_BOUND = env_bool("API_REQUIRE_BOUND", default=LIVE_MODE)
PROXY_SECRET = env("PROXY_SECRET")
# Without a proxy (deploy/gunicorn_tls.py). Whose certificate stands in API_TLS_CERTIFICATE is watched.
API_TLS_BIND = env("API_TLS_BIND", "0.0.0.0:8443")
API_TLS_CERTIFICATE = env("API_TLS_CERTIFICATE")
API_TLS_KEY = env("API_TLS_KEY")
API_TLS_CLIENT_CA = env("API_TLS_CLIENT_CA")
API_TLS_CLIENT_CRL = env("API_TLS_CLIENT_CRL")
# Ten thousand debits fit; the proxy in front lets pages send far less.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Of one program; tokens of one address.
API_READS_PER_MINUTE = int(env("API_READS_PER_MINUTE", "1200"))
API_WRITES_PER_MINUTE = int(env("API_WRITES_PER_MINUTE", "600"))
API_TOKENS_PER_MINUTE = int(env("API_TOKENS_PER_MINUTE", "60"))
if INSECURE_HTTP:
    # The library refuses plain http unless it is named here too.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

# Webhooks go to public addresses over https alone; a sandbox may tell a program beside it.
WEBHOOK_ALLOW_LOOPBACK = not LIVE_MODE and env_bool("WEBHOOK_ALLOW_LOOPBACK", default=INSECURE_HTTP)

# File drop: where its SFTP server listens, and its own key, made at the first start.
FILE_DROP_HOST = env("FILE_DROP_HOST", "127.0.0.1")
FILE_DROP_PORT = int(env("FILE_DROP_PORT", "2223"))
FILE_DROP_HOST_KEY = Path(env("FILE_DROP_HOST_KEY", str(VAR_DIR / "file-drop" / "host_key")))

# Vault: folder of the key files; the web process gets the public half of the money ring alone.
VAULT_KEY_DIR = Path(env("VAULT_KEY_DIR", str(VAR_DIR / "keys")))
VAULT_MONEY_PRIVATE = env_bool("VAULT_MONEY_PRIVATE", default=True)

# Tests name the point at which a process kills itself; never set in live mode.
FAILPOINT = "" if LIVE_MODE else env("FAILPOINT")

# Sandbox: what the bank that answers keeps, its process and ours alike.
SANDBOX_BANK_DIR = VAR_DIR / "bank"

# Audit: where the chain's head is written with every bank file. Best kept on another machine.
AUDIT_ANCHOR_FILE = Path(env("AUDIT_ANCHOR_FILE", str(VAR_DIR / "anchors.log")))

# Logs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "paramiko": {"level": "WARNING"},
        "asyncssh": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # Its progress is for the progress bar alone.
        "weasyprint.progress": {"level": "INFO", "propagate": False},
    },
}
