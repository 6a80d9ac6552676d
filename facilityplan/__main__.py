"""`python -m facilityplan` is the same as the `facilityplan` command."""

import sys

from facilityplan.cli import main

sys.exit(main())
