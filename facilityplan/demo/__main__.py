"""``python -m facilityplan.demo PLACE FOLDER [SEED]``: write a demonstration county."""

from __future__ import annotations

import argparse

from facilityplan.demo import generate, load_place, write
from facilityplan.demo.place import places


def main() -> None:
    """Parse the command line, generate and write."""
    parser = argparse.ArgumentParser(prog="python -m facilityplan.demo", description="Write a demonstration county.")
    parser.add_argument("place", choices=places())
    parser.add_argument("folder")
    parser.add_argument("seed", nargs="?", type=int, help="default: the seed of the county that ships")
    args = parser.parse_args()
    place = load_place(args.place)
    for path in write(generate(place, place.default_seed if args.seed is None else args.seed), args.folder):
        print(path)


if __name__ == "__main__":
    main()
