"""The project's settings, with everything that is written kept in a temporary folder."""

import os
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("TALLYSTICK_TEST_WORKER") != WORKER:
    os.environ["TALLYSTICK_VAR"] = tempfile.mkdtemp(prefix=f"tallystick-test-{WORKER}-")
    os.environ["TALLYSTICK_TEST_WORKER"] = WORKER
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # Processes that a test starts open the very file the test uses.
    name = Path(os.environ["TALLYSTICK_VAR"]) / "test.sqlite3"
    DATABASES["default"]["NAME"] = os.environ.get("TEST_DATABASE", str(name))
    DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"]}
elif "TEST_DATABASE" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    DATABASES["default"]["TEST"] = {"NAME": os.environ["TEST_DATABASE"]}
if "postgresql" in DATABASES["default"]["ENGINE"]:
    # Tests kill our processes, never the server: what it has not yet flushed is not lost.
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is absent
