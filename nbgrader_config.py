"""nbgrader's settings for this course: `nbgrader` typed in this folder uses the course's own grading."""

from pathlib import Path

from autograder.settings import configure

home = Path(__file__).parent
configure(get_config(), home=home, course=home)  # noqa: F821  traitlets defines get_config
