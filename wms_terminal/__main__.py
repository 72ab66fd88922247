"""`python -m wms_terminal`."""

from wms_terminal.cli import main

if __name__ == "__main__":
    main()
