"""Which lesson a notebook is of, whatever its file is called."""

from __future__ import annotations

from autograder.course import Course, Lesson
from autograder.grading.repair import Quarantined, read_notebook


def recognised(data: bytes, course: Course) -> Lesson | None:
    """The lesson to which most of the notebook's cells belong, by their grade_ids; None where none or several do."""
    try:
        cells = read_notebook(data)["cells"]
    except Quarantined:
        return None
    names = set()
    for cell in cells:
        metadata = cell.get("metadata") if isinstance(cell, dict) else None
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        if isinstance(name, str):
            names.add(name)
    hits = {
        lesson.folder: len(names & {name for e in lesson.graded for name in (e.answer_cell, e.graded_cell)})
        for lesson in course.lessons
    }
    best = max(hits.values(), default=0)
    folders = [folder for folder, count in hits.items() if count == best]
    return course.lesson(folders[0]) if best and len(folders) == 1 else None
