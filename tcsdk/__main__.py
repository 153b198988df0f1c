"""`python -m tcsdk`: the command line."""

import sys

from tcsdk.cli import main

if __name__ == "__main__":
    sys.exit(main())
