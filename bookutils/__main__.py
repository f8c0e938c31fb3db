"""python -m bookutils doctor | progress | build"""

import argparse
import sys


def main(arguments=None):
    """Run one command of the book; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookutils", description="The book's tools.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="what this machine has, and what mends the rest")
    doctor.add_argument("--brief", action="store_true", help="only what is missing")

    commands.add_parser("progress", help="what you have solved, chapter by chapter")

    build = commands.add_parser("build", help="execute notebooks, make exercises from solutions")
    build.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="default: all of the book")
    build.add_argument("--check", action="store_true", help="write nothing; 1 if any would change")
    build.add_argument("-j", "--jobs", type=int, default=2, help="notebooks at a time (default 2)")

    chosen = parser.parse_args(arguments)
    if chosen.command == "doctor":
        from bookutils.doctor import doctor

        return doctor(brief=chosen.brief)
    if chosen.command == "progress":
        from bookutils.checks import progress

        print(progress())
        return 0
    from bookutils.authoring import build

    return build(chosen.notebooks, check=chosen.check, jobs=chosen.jobs)


if __name__ == "__main__":
    sys.exit(main())
