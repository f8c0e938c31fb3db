"""What a run of grading says in the terminal when it is done."""

import sys
from collections import Counter, defaultdict

from bookutils.classroom.results import NOT_GRADED
from bookutils.classroom.submissions import shown
from bookutils.judge.verdict import BROKEN, FACES

ANOTHER = (
    "The notebook has neither an answer nor a check of this chapter: perhaps it is the chapter, "
    "and not its exercises."
)


def tell(handed_in, rows, took, held, out):
    """Say what was graded, who shares a name, what was left out and what was not confined."""
    students = len({row.student for row in rows})
    faces = Counter(row.result.face for row in rows if row.result.exercise)
    told = [*reversed(FACES), *({NOT_GRADED} & set(faces))]
    print(
        f"{len(handed_in.submissions)} notebooks of {students} students in {took:.0f} s: "
        + ", ".join(f"{faces[face]} {face}" for face in told)
        + ".",
        file=out,
    )
    unread = [r for r in rows if r.result.face == BROKEN and not r.result.exercise]
    if unread:
        names = [*dict.fromkeys(row.student for row in unread)]
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        print(
            f"{len(unread)} of these hold nothing to grade, and the tables say why: "
            f"{', '.join(names[:10])}{more}.",
            file=out,
        )
    for name, names in handed_in.alike:
        print(f"{len(names)} of one name, {name}, are told apart: {', '.join(names)}.", file=out)
    left_out = handed_in.left_out
    if left_out:
        names = ", ".join(shown(path.name) for path in left_out[:5])
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        print(f"No notebooks, and left out: {names}{more}.", file=out)
    another = sorted({row.student for row in rows if row.result.says == ANOTHER})
    if another:
        more = f" and {len(another) - 10} more" if len(another) > 10 else ""
        print(
            "Neither an answer nor a check of its chapter is in a notebook (the chapter instead of "
            f"its exercises?) of {', '.join(another[:10])}{more}.",
            file=out,
        )
    missing = [what for what in ("files", "processes", "network") if what not in (held or ())]
    if held is not None and missing:
        print(
            f"This system does not confine a notebook's {', '.join(missing)}: grade notebooks "
            "of strangers on Linux, or in a container.",
            file=out,
        )


def tell_of_several(graded, known, out):
    """Say who has several notebooks about one sheet: again, or those of several students."""
    sheet = {task.id: task.sheet for task in known}
    handed = defaultdict(set)  # by student and sheet
    for submission, results in graded:
        for about in {sheet[result.exercise] for result in results if result.exercise}:
            handed[submission.student, about].add(submission.path)
    several = [
        f"{student} ({len(paths)} of {about})"
        for (student, about), paths in sorted(handed.items())
        if len(paths) > 1
    ]
    if several:
        more = f" and {len(several) - 10} more" if len(several) > 10 else ""
        print(
            "Several notebooks of one chapter; of each exercise the best verdict counts: "
            f"{', '.join(several[:10])}{more}.",
            file=out,
        )


def tell_of_failures(found, rows):
    """Say what has no verdict because the grading failed; whether there is any."""
    failed = {row.path for row in rows if row.result.face == NOT_GRADED}
    lost = {submission.student for submission in found} - {row.student for row in rows}
    for student in sorted(lost):
        print(f"Lost: {student}, who handed in and has no row.", file=sys.stderr)
    if failed:
        names = ", ".join(shown(path) for path in sorted(failed)[:5])
        more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
        print(
            f"The grading failed for {len(failed)} notebooks, which is no verdict on them: {names}"
            f"{more}. The same command tries them again.",
            file=sys.stderr,
        )
    return bool(failed or lost)
