"""`python -m tallystick` is the command line."""

import sys

from tallystick.cli import main

sys.exit(main())
