"""What makes plain `nbgrader` commands grade as `autograder grade` does."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin, LateSubmissionPlugin
from traitlets import Unicode

from autograder.course import load_course


def read_renamed_files(assignment: str, student: str, notebooks: list[str]) -> None:
    """Let `nbgrader autograde` take up a folder whose notebook was renamed: the exporter finds the file itself."""
    folder = Path(notebooks[0]).parent
    notebooks[:] = [str(folder / load_course().lesson(folder.name).path.name)]


class GradingExporter(NotebookExporter):
    """Reads a submission, grades it and gives nbgrader the executed notebook.

    nbgrader calls it twice for a notebook: first to clean it, which hands back the released notebook, then to
    grade it, which reads the file that was handed in.
    """

    home = Unicode("", help="The folder that holds solutions/ and lessons/.").tag(config=True)
    course = Unicode("", help="The folder that holds submitted/ and the gradebook.").tag(config=True)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        from autograder.grading.grade import Layout, Options, grade_class, not_graded
        from autograder.grading.gradebook import Gradebook as OurGradebook
        from autograder.grading.late import load_policy, noted
        from autograder.grading.records import State
        from autograder.grading.repair import read_release

        layout, manifest = Layout(Path(self.home), Path(self.course)), load_course()
        known = resources["nbgrader"]
        lesson = manifest.lesson(known["assignment"])
        converter: Any = self.parent
        if converter._sanitizing:
            return self.from_notebook_node(nbformat.read(layout.release / lesson.path, as_version=4), resources)
        only = Options(lessons=[lesson.folder], students=[known["student"]], force=True)
        (record,) = grade_class(layout, manifest, only, lambda record, done, total: None)
        policy, gradebook = load_policy(layout.course, manifest), OurGradebook(known["db_url"])
        gradebook.load([record], manifest)
        gradebook.charge(policy)  # and with it the due dates, from which nbgrader's AssignLatePenalties goes on
        record = noted(record, policy)
        self.log.info("%s, %s: %s %s", record.student, record.lesson, record.state, record.reason)
        for note in record.notes:
            self.log.warning("%s, %s: %s", record.student, record.lesson, note)
        if record.state is State.FAILED:
            notebook = nbformat.from_dict(not_graded(read_release(layout.release / lesson.path), record.reason))
        else:
            notebook = nbformat.read(layout.autograded / record.student / lesson.path, as_version=4)
        return self.from_notebook_node(notebook, resources)


class EscapedNames(Preprocessor):
    """Escapes the names on formgrader's page of a submission, which nbgrader's template takes for HTML."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        for name in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(name), str):
                resources[name] = escape(resources[name])
        return nb, resources


class LatePenalty(LateSubmissionPlugin):
    """What `late_policy.toml` takes off, for nbgrader's `AssignLatePenalties`; the due date is the gradebook's."""

    course = Unicode("", help="The folder that holds late_policy.toml.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        from autograder.grading.late import load_policy, penalty

        policy = load_policy(Path(self.course), load_course())
        lesson = self.parent.assignment_id  # nbgrader names it nowhere else
        return penalty(score, total_seconds_late, policy, student_id, lesson) or None


class CsvPerExercise(ExportPlugin):
    """Points per exercise as CSV, quoted where a name needs it."""

    def export(self, gradebook: Gradebook) -> None:
        from autograder.grading.export import as_csv
        from autograder.grading.gradebook import Gradebook as OurGradebook

        rows = [
            score
            for score in OurGradebook(gradebook.engine.url.render_as_string(hide_password=False)).scores()
            if (not self.student or score.student in map(str, self.student))
            and (not self.assignment or score.lesson in map(str, self.assignment))
        ]
        path = Path(self.to or "grades.csv")
        path.write_text(as_csv(rows), encoding="utf-8", newline="")
        self.log.info("Exported %d scores to %s", len(rows), path)
