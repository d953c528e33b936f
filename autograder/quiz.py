"""Quiz questions as checks: answered at once, with the reason why a wrong choice is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.checking import CheckFunction, Incorrect, NotAttempted, check
from autograder.seam import Answer
from autograder.worlds import Worlds


def question(
    exercise: str,
    key: str,
    text: str,
    *,
    right: str,
    wrong: Mapping[str, str],
    points: float,
    hints: Sequence[str],
) -> CheckFunction:
    """The check of one multiple-choice question.

    Parameters
    ----------
    key
        The question's key in the learner's dict, such as "1".
    text
        The question in one sentence, as the learner reads it in the table.
    right, wrong
        The letter of the right choice, and for each wrong one why it is wrong.

    Example
    -------
    >>> ages = question("validation.recap", "1", "Which rows does `between(0, 120)` leave out?", right="b",
    ...                 wrong={"a": "`between` includes both bounds."}, points=0.5, hints=["Try it on [0, None, 120]."])
    """

    def asked(answer: Answer, worlds: Worlds) -> None:
        given = answer()
        if not isinstance(given, Mapping):
            raise Incorrect(
                "The answers are no longer a dict.",
                expected=f'{{"{key}": "a", ...}}',
                got=str(type(given).__name__),
            )
        choice = given.get(key)
        if choice is None or choice is ...:
            raise NotAttempted("No choice yet.")
        letter = str(choice).strip().strip(".)(").lower()
        if letter == right:
            return
        if letter in wrong:
            raise Incorrect(wrong[letter], got=f"choice {letter}")
        choices = ", ".join(sorted([right, *wrong]))
        raise Incorrect("That is not one of the choices.", expected=f"one of {choices}", got=str(choice)[:20])

    asked.__name__, asked.__doc__ = f"question_{key}", text
    asked.key = key  # type: ignore[attr-defined]
    return check(exercise, points=points, hints=hints)(asked)
