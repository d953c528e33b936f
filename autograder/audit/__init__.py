"""Prove the grader: judge the bank and mutants of right answers, and count how often the grader is wrong.

What a class is graded by is used as it is: entries stand in released notebooks, which `grading.grade` runs confined.
"""

from autograder.audit.mutants import Mutant, mutants
from autograder.audit.report import Report, as_text
from autograder.audit.trials import Plan, audit

__all__ = ["Mutant", "Plan", "Report", "as_text", "audit", "mutants"]
