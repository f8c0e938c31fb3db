"""nbgrader for a class that reads this book: copy this file into the folder of your course."""

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment

from bookutils.classroom.authoring import SOLUTION_TAGS, STUB

c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = "backprop"

# What students get is what the book's exercises/ hold: the same stub, and no explanations.
c.GenerateAssignment.preprocessors = [
    TagRemovePreprocessor,
    *GenerateAssignment.preprocessors.default(),
]
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = SOLUTION_TAGS
c.ClearSolutions.code_stub = {"python": STUB}

# A check that a student deleted comes back; an endless loop costs its student a minute at most.
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 60
