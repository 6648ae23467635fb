"""`python -m autospan`."""

from autospan.cli import console

if __name__ == "__main__":
    console()
