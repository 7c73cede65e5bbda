"""Settings. Every variable has a safe default or stops start-up naming itself.

The variables are listed in docs/reference/settings.md; a test compares the two.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("TALLYSTICK_VAR", default=str(BASE_DIR / "var")))
KEY_DIR = VAR_DIR / "keys"
DEPLOYED = env.bool("TALLYSTICK_DEPLOYED", default=False)


def secret_key() -> str:
    """SECRET_KEY, or one kept in var/keys/django.key on an undeployed machine."""
    if given := env.str("SECRET_KEY", default=""):
        return given
    if DEPLOYED:
        raise ImproperlyConfigured("SECRET_KEY must be set where TALLYSTICK_DEPLOYED is true")
    from django.core.management.utils import get_random_secret_key

    path = KEY_DIR / "django.key"
    if not path.exists():
        KEY_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
GATEWAY_URL = env.str("GATEWAY_URL", default="http://127.0.0.1:8001")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

LOCAL_APPS = [
    "core",
    "accounts",
    "ledger",
    "money",
    "registry",
    "contracts",
    "delivery",
    "marketplace",
    "supervision",
]
INSTALLED_APPS = [
    # First, so that their templates win over those of the packages.
    *[app for app in LOCAL_APPS if (BASE_DIR / app / "apps.py").exists()],
    "config.apps.ReadingRoomConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.http.RequestIdMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.http.InputGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "core.http.ApiLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.authentication.ActorMiddleware",
    "core.http.DomainErrorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    },
]

# Database: SQLite by default, PostgreSQL where DATABASE_URL says so.
DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'tallystick.sqlite3'}")
}
DATABASE = DATABASES["default"]
if "sqlite" in DATABASE["ENGINE"]:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASE["CONN_MAX_AGE"] = 60  # opening the file and its settings cost more than most reads
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY;PRAGMA recursive_triggers=ON;"
        ),
    }
elif "postgresql" in DATABASE["ENGINE"]:
    DATABASE["OPTIONS"] = {"pool": {"min_size": 0, "max_size": 16, "timeout": 10}}
else:
    raise ImproperlyConfigured("DATABASE_URL must name sqlite or postgres")
DATABASE["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Background work: without a broker, `manage.py worker` polls the tables.
BROKER_URL = env.str("BROKER_URL", default="")
LANES = "config.lanes.LANES"
CHECKS = "config.fsck.CHECKS"
READS = "supervision.actions.record_read"
BROKER_QUEUE = env.str("BROKER_QUEUE", default="tallystick")
CELERY_BROKER_URL = BROKER_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"global_keyprefix": f"{BROKER_QUEUE}:", "socket_connect_timeout": 2}
    if BROKER_URL.startswith("redis")
    else {}
)
CELERY_TASK_DEFAULT_QUEUE = BROKER_QUEUE
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# Ledger and anchor.
LOG_ORIGIN = env.str("LOG_ORIGIN", default="tallystick.local/log")
ANCHOR = env.str("ANCHOR", default="local")
if ANCHOR not in {"local", "rpc", "none"}:
    raise ImproperlyConfigured("ANCHOR must be local, rpc or none")
ANCHOR_RPC_URL = env.str("ANCHOR_RPC_URL", default="")
ANCHOR_CONTRACT = env.str("ANCHOR_CONTRACT", default="")
ANCHOR_CHAIN_ID = env.int("ANCHOR_CHAIN_ID", default=865_023)
CHAIN_FILE = VAR_DIR / "chain.sqlite3"

# Objects, spool and the gateway.
OBJECT_DIR = VAR_DIR / "objects"
SPOOL_DIR = VAR_DIR / "spool"

# Accounts.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,30/5m/ip", "login": "30/m/ip"}
LOGIN_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.http.forged"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = DEPLOYED
SECURE_HSTS_SECONDS = 31_536_000 if DEPLOYED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = DEPLOYED
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# API.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.OrganisationSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["core.http.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "core.schema.EndpointSchema",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "core.http.problem_response",
    "DEFAULT_PAGINATION_CLASS": "core.api.CursorPages",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tallystick API",
    "DESCRIPTION": "Registration, listing, contracts, metered use and evidence.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "OrganisationKindEnum": "accounts.states.OrganisationKind",
        "OrganisationRoleEnum": "accounts.states.Role",
        "OrganisationStateEnum": "accounts.states.OrganisationState",
        "ScopeEnum": "accounts.states.Scope",
        "SigningKeyStateEnum": "accounts.states.SigningKeyState",
        "AccountKindEnum": "money.states.AccountKind",
        "TransferKindEnum": "money.states.TransferKind",
        "CaseStateEnum": "registry.states.CaseState",
        "EncumbranceKindEnum": "registry.states.EncumbranceKind",
        "EncumbranceStateEnum": "registry.states.EncumbranceState",
        "RefusalGroundEnum": "registry.states.RefusalGround",
        "RightEnum": "registry.states.Right",
        "PartyRoleEnum": "contracts.states.Role",
        "NegotiationStateEnum": "contracts.states.NegotiationState",
        "GrantStateEnum": "contracts.states.GrantState",
        "GrantStandingEnum": "contracts.states.EffectiveState",
        "StatementStateEnum": "contracts.states.StatementState",
        "ProductStateEnum": "marketplace.states.ProductState",
        "ProductFormEnum": "marketplace.states.ProductForm",
        "OrderStateEnum": "marketplace.states.OrderState",
        "PlanKindEnum": "marketplace.states.PlanKind",
        "GateKindEnum": "marketplace.states.GateKind",
        "GateResultEnum": "marketplace.states.GateResult",
        "CheckResultEnum": "marketplace.states.CheckResult",
    },
    "DEFAULT_GENERATOR_CLASS": "core.schema.OnceGenerator",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.describe_problems",
    ],
}
MAX_BODY_BYTES = 1_048_576
MAX_DEPOSIT_BYTES = env.int("MAX_DEPOSIT_BYTES", default=1_073_741_824)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# Language, time, files.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
