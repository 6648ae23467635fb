"""`python -m autospan`."""

from autospan.cli import main

if __name__ == "__main__":
    main()
