"""Settings. Every value that differs between installations comes from the environment."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from honghu.base.home import home_dir
from honghu.site.modules import MODULES

PACKAGE = Path(__file__).resolve().parents[1]
HONGHU_HOME = home_dir()


def _secret_key() -> str:
    """The installation's secret: from the environment, else made once and kept, mode 0600."""
    from_environment = os.environ.get("HONGHU_SECRET_KEY")
    if from_environment:
        return from_environment
    path = HONGHU_HOME / "secret-key"
    if not path.exists():
        HONGHU_HOME.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(50))
    return path.read_text()


def _database() -> dict[str, Any]:
    """The server of `DATABASE_URL`, or the embedded one when it is not set."""
    common: dict[str, Any] = {
        "ENGINE": "honghu.site.postgres",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    url = os.environ.get("DATABASE_URL")
    if not url:
        return common | {"NAME": "honghu", "EMBEDDED": True}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = "DATABASE_URL must look like postgresql://user:password@host:5432/name"
        raise ImproperlyConfigured(message)
    options = dict(parse_qsl(parts.query))
    return common | {
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def _mail() -> dict[str, Any]:
    """Django's mail settings from HONGHU_MAIL_URL; none where no mail is to be sent."""
    url = os.environ.get("HONGHU_MAIL_URL")
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        message = "HONGHU_MAIL_URL must look like smtp+starttls://user:password@host:587"
        raise ImproperlyConfigured(message)
    return {
        "HOST": parts.hostname,
        "PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[parts.scheme],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "USE_SSL": parts.scheme == "smtps",
        "USE_TLS": parts.scheme == "smtp+starttls",
    }


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("HONGHU_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("HONGHU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_ADDRESS = os.environ.get("HONGHU_PUBLIC_ADDRESS", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS]

HONGHU_MODULES = MODULES
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "honghu.kernel.journal",
    "honghu.kernel.parties",
    "honghu.kernel.rulesets",
    "honghu.kernel.registers",
    "honghu.kernel.evidence",
    "honghu.kernel.documents",
    "honghu.kernel.shapes",
    "honghu.kernel.ledger",
    "honghu.kernel.cases",
    "honghu.kernel.modules",
    "honghu.kernel.sheets",
    "honghu.kernel.notifications",
    "honghu.kernel.webhooks",
    "honghu.analytics",
    "honghu.web",
    "honghu.desk",
    *MODULES,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "honghu.web.doors.PagesAlone",
    "honghu.web.errors.ProblemPages",
]
HONGHU_PAGE_MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "honghu.web.bodies.BoundedBodies",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "honghu.site.urls"
CSRF_FAILURE_VIEW = "honghu.web.errors.csrf_refused"
WSGI_APPLICATION = "honghu.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "honghu.web.context.chrome",
            ],
        },
    }
]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "parties.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "my-work"
LOGOUT_REDIRECT_URL = "sign-in"
# GB/T 22239 asks for a failed-login limit and an idle logout without naming figures; these are
# the defaults of practice, and an installation may tighten them.
AXES_FAILURE_LIMIT = int(os.environ.get("HONGHU_LOGIN_FAILURES", "5"))
AXES_COOLOFF_TIME = float(os.environ.get("HONGHU_LOGIN_LOCK_HOURS", "0.25"))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Behind a web server its own address would be everybody's: one guesser would lock all out.
AXES_CLIENT_IP_CALLABLE = "honghu.api.limits.caller_address"
AXES_LOCKOUT_CALLABLE = "honghu.desk.account.pages.locked_out"
SESSION_COOKIE_AGE = int(os.environ.get("HONGHU_SESSION_SECONDS", str(8 * 3600)))
SESSION_COOKIE_SECURE = PUBLIC_ADDRESS.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}

# The division (GB/T 2260) whose rules hold here: a county's row goes before its province's.
HONGHU_REGION = os.environ.get("HONGHU_REGION", "421083")
# The box around the county, west,south,east,north in WGS 84 degrees: what its maps show first.
HONGHU_COUNTY_BOX = os.environ.get("HONGHU_COUNTY_BOX", "113.05,29.60,114.10,30.25")
# The bulletins that this product ships; an installation's own lie in its home folder.
HONGHU_BULLETINS = PACKAGE / "site" / "bulletins"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HONGHU_HOME / "static"
# Packages' own files (htmx) are served from where pip put them, collected or not.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HONGHU_HOME / "evidence"},
    },
}
# A single upload is bounded before it is read (see kernel.evidence); this bounds the form itself.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
HONGHU_EVIDENCE_MAX_BYTES = int(os.environ.get("HONGHU_EVIDENCE_MAX_BYTES", "52428800"))
HONGHU_MACHINE_DOORS = ("/api/",)
# Several photographs of a form together.
HONGHU_REQUEST_MAX_BYTES = 4 * HONGHU_EVIDENCE_MAX_BYTES - 1

# Mail: without a server nothing is planned, and people are told at the desk alone.
_MAIL = _mail()
HONGHU_MAIL = bool(_MAIL)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _MAIL.get("HOST", "localhost")
EMAIL_PORT = _MAIL.get("PORT", 25)
EMAIL_HOST_USER = _MAIL.get("USER", "")
EMAIL_HOST_PASSWORD = _MAIL.get("PASSWORD", "")
EMAIL_USE_SSL = _MAIL.get("USE_SSL", False)
EMAIL_USE_TLS = _MAIL.get("USE_TLS", False)
EMAIL_TIMEOUT = 20
HONGHU_MAIL_FROM = os.environ.get("HONGHU_MAIL_FROM", "honghu@localhost")
# How long messages of the outbox are kept after they were passed on, for whoever looks into it.
HONGHU_OUTBOX_DAYS = int(os.environ.get("HONGHU_OUTBOX_DAYS", "30"))
# How many cases one batch may choose.
HONGHU_BATCH_MAX = int(os.environ.get("HONGHU_BATCH_MAX", "200"))
# What is proposed to a person who has not chosen yet.
HONGHU_QUIET_HOURS = os.environ.get("HONGHU_QUIET_HOURS", "21:00-07:30").split("-")
HONGHU_DIGEST_AT = os.environ.get("HONGHU_DIGEST_AT", "08:00")

# How long an access token of a machine is good (RFC 6749, 4.4): it asks for the next one.
HONGHU_ACCESS_TOKEN_SECONDS = int(os.environ.get("HONGHU_ACCESS_TOKEN_SECONDS", "900"))
# Requests a minute of one token, or of one address without; 0 sets no limit. Shared evenly among
# the server's processes, each of which counts for itself.
HONGHU_API_PER_MINUTE = int(os.environ.get("HONGHU_API_PER_MINUTE", "3000"))
HONGHU_PROCESSES = max(1, int(os.environ.get("HONGHU_PROCESSES", "1")))
HONGHU_BEHIND_PROXY = os.environ.get("HONGHU_BEHIND_PROXY") == "1"
# Webhooks: so many failures in a row, about three days of them, before a receiver is given up;
# addresses in private networks only where the administrator says so.
HONGHU_WEBHOOK_ATTEMPTS = int(os.environ.get("HONGHU_WEBHOOK_ATTEMPTS", "80"))
HONGHU_WEBHOOK_PRIVATE = os.environ.get("HONGHU_WEBHOOK_PRIVATE") == "1"

HONGHU_JOURNAL_KEY = os.environ.get("HONGHU_JOURNAL_KEY")
HONGHU_JOURNAL_ORIGIN = os.environ.get("HONGHU_JOURNAL_ORIGIN", "honghu.local/journal")

# One stream, for the service manager to keep (网络安全法 art 21: six months at least). Requests that
# failed are told with their traceback; nothing that people typed is.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
