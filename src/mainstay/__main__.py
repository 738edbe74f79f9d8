"""The command `mainstay`; also `python -m mainstay`."""

from mainstay.interfaces.cli.main import main

if __name__ == "__main__":
    main()
