"""nbgrader's settings for the course, and the gradebook that they name. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

STUB = 'raise NotImplementedError("Replace this line with your code")'


def configure(c: Config, *, home: Path, course: Path) -> None:
    """Set nbgrader up for the course: its sources below `home`, a class's files below `course`.

    Called from `nbgrader_config.py`; settings made after it, such as another `db_url`, count.
    """
    c.CourseDirectory.root = str(course)
    c.CourseDirectory.course_id = "default_course"  # nbgrader's own; PostgreSQL refuses an empty one
    c.CourseDirectory.source_directory = str(home / "solutions")
    c.CourseDirectory.release_directory = str(home / "lessons")
    c.CourseDirectory.db_url = f"sqlite:///{(course / 'gradebook.db').as_posix()}"
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__"]
    c.ClearSolutions.code_stub = {"python": STUB}
    c.ClearSolutions.text_stub = "*Write your answer here.*"
    c.Autograde.exporter_class = "autograder.nbgrader_plugin.GradingExporter"
    c.Autograde.pre_convert_hook = "autograder.nbgrader_plugin.read_renamed_files"
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.AssignLatePenalties"]
    c.AssignLatePenalties.plugin_class = "autograder.nbgrader_plugin.LatePenalty"
    c.LatePenalty.course = str(course)
    c.HTMLExporter.preprocessors = ["autograder.nbgrader_plugin.EscapedNames"]
    c.GradingExporter.home = str(home)
    c.GradingExporter.course = str(course)
    c.ExportApp.plugin_class = "autograder.nbgrader_plugin.CsvPerExercise"


def settings(home: Path, course: Path) -> Config:
    """What `nbgrader_config.py` in the course's folder says, or the course's own settings where there is none."""
    file = course / "nbgrader_config.py"
    if file.exists():
        loaded: Config = PyFileConfigLoader(file.name, path=str(course)).load_config()
        if "db_url" in loaded.CourseDirectory:
            return loaded
    config = Config()
    configure(config, home=home, course=course)
    return config


def database_url(home: Path, course: Path) -> str:
    """The gradebook: nbgrader's `db_url` for this course folder."""
    return str(settings(home, course).CourseDirectory.db_url)
