"""python -m bookutils doctor | progress | compare | bench | build | new-exercise | grade"""

import argparse
import os
import sys

from bookutils.terminal import spell


class Help(argparse.HelpFormatter):
    """Help with room for the name of every command beside its line."""

    def add_argument(self, action):
        super().add_argument(action)
        self._action_max_length += self._indent_increment  # argparse forgets to count it


def main(arguments=None):
    """Run one command of the book; return its exit status."""
    spell()
    parser = argparse.ArgumentParser(
        prog="python -m bookutils",
        description="The book's tools.",
        epilog="Each command explains itself: python -m bookutils build --help",
        formatter_class=Help,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="what this machine has, and what fixes the rest")
    doctor.add_argument("--brief", action="store_true", help="only what is missing")

    progress = commands.add_parser("progress", help="what you have solved, chapter by chapter")
    one = progress.add_mutually_exclusive_group()
    one.add_argument("--export", metavar="FILE", help="copy it, to take it to another machine")
    one.add_argument("--import", metavar="FILE", dest="merge", help="take a copy in; best counts")
    one.add_argument("--reset", metavar="ID", help="begin one exercise anew, as 01.2")

    compare = commands.add_parser(
        "compare", help="the package beside PyTorch and differences, row by row"
    )
    compare.add_argument(
        "kinds", nargs="*", metavar="KIND", help="operation, layer, loss, optimizer or schedule"
    )
    compare.add_argument("--html", metavar="FILE", help="write the table as a page, too")
    compare.add_argument("--json", metavar="FILE", help="write the numbers, too")

    bench = commands.add_parser(
        "bench", help="training steps timed on one device, into a record with machine and versions"
    )
    bench.add_argument("--device", choices=("cpu", "cuda"), help="where they train (default cpu)")
    bench.add_argument("--json", metavar="FILE", help="the record (default benchmarks/DEVICE.json)")
    bench.add_argument(
        "--budget", type=float, metavar="SECONDS", help="to keep to (default 330, on cuda 420)"
    )
    bench.add_argument("--quick", action="store_true", help="three sizes, no record unless --json")
    bench.add_argument(
        "--page", action="store_true", help="measure nothing: write docs/benchmarks.md"
    )

    build = commands.add_parser("build", help="execute notebooks, make exercises from solutions")
    build.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="default: all of the book")
    build.add_argument("--check", action="store_true", help="write nothing; 1 if any would change")
    build.add_argument("-j", "--jobs", type=int, default=2, help="notebooks at a time (default 2)")

    new = commands.add_parser(
        "new-exercise", help="for the author: stubs of one, as 07.3 or 07.project"
    )
    new.add_argument("id", metavar="ID", help="chapter and number, as 07.3, or 07.project")
    new.add_argument("--title", default="TODO", help="what the reader sees as its name")
    new.add_argument("--kind", default="implement", help="by hand, predict, implement, …")
    new.add_argument("--signature", default="", help='as "f(x, W)"; "f()" asks for a value')
    new.add_argument("--chapter", default="", help="files of a new chapter, as 07_regularization")

    grade = commands.add_parser("grade", help="for the teacher: a table of submitted notebooks")
    grade.add_argument("submissions", nargs="+", help="notebooks, or folders of them")
    grade.add_argument("--csv", required=True, help="one line a student and exercise")
    grade.add_argument("--html", help="one page: common mistakes, students by exercises")
    grade.add_argument("-j", "--jobs", type=int, default=2, help="notebooks at a time (default 2)")
    grade.add_argument("--seconds", type=float, default=60.0, help="for one notebook (default 60)")
    grade.add_argument("--gigabytes", type=float, default=2.0, help="for one (default 2)")
    grade.add_argument("--again", action="store_true", help="forget what an earlier run finished")

    chosen = parser.parse_args(arguments)
    if chosen.command == "grade":
        from bookutils.classroom.grade import grade

        return grade(
            chosen.submissions,
            chosen.csv,
            chosen.html,
            chosen.jobs,
            chosen.seconds,
            chosen.gigabytes,
            chosen.again,
        )
    if chosen.command == "new-exercise":
        from bookutils.classroom import new_exercise

        options = vars(chosen)
        return new_exercise.main(**{name: options[name] for name in options if name != "command"})
    if chosen.command == "compare":
        return compared(chosen.kinds, chosen.html, chosen.json)
    if chosen.command == "bench":
        from bookutils.bench.command import bench

        options = vars(chosen)
        return bench(**{name: options[name] for name in options if name != "command"})
    if chosen.command == "doctor":
        from bookutils.classroom.doctor import doctor

        return doctor(brief=chosen.brief)
    if chosen.command == "progress":
        from bookutils.checks import solved as progress

        for name in ("export", "merge", "reset"):
            if getattr(chosen, name) is not None:
                said = getattr(progress, name)(getattr(chosen, name))
                print(said, file=sys.stdout if said.done else sys.stderr)
                return 0 if said.done else 1
        from bookutils.checks.overview import report

        print(report())
        return 0
    from bookutils.classroom.authoring import build

    return build(chosen.notebooks, check=chosen.check, jobs=chosen.jobs)


def compared(kinds, html, json):
    """Print the agreement table of these kinds of rows, all unless told; 1 if a row disagrees."""
    from pathlib import Path

    from tqdm import tqdm

    from bookutils.verify.table import KINDS, agreement_table

    try:
        table = agreement_table(
            kinds or tuple(KINDS), watched=lambda rows: tqdm(rows, unit="row", leave=False)
        )
        print(table.text())
        for path, text in ((html, table.html), (json, table.json)):
            if path:
                Path(path).write_text(text() + "\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if table.ok else 1


def command():
    """One command, whose reader may go away, as `head` does, or interrupt it at any moment."""
    try:
        status = main()
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # a full disk
            print(f"python -m bookutils: {error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the rest goes
        return 1


if __name__ == "__main__":
    sys.exit(command())
