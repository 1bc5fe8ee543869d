"""``python -m compare``: the command ``policy-compare``."""

from compare.cli import main

if __name__ == "__main__":
    main()
