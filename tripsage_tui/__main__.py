"""`python -m tripsage_tui` is the console script."""

import sys

from tripsage_tui.cli import main

sys.exit(main())
