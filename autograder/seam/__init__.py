"""The seam between a check and the learner's function: what may pass, and how a function is called across it."""

from autograder.seam.answer import Answer, AnswerError, LocalAnswer
from autograder.seam.stand_ins import Clock
from autograder.seam.wire import Limits, Unreadable, decode, encode

__all__ = ["Answer", "AnswerError", "Clock", "Limits", "LocalAnswer", "Unreadable", "decode", "encode"]
