"""What a learner runs before and while handing in: `doctor` and `submit`."""

from autograder.learner.doctor import Finding, Fixed, NoFile, Report, diagnose, examine, fix, printable
from autograder.learner.released import released
from autograder.learner.submit import Refused, Signed, agrees, receipt, sign, versions, write

__all__ = [
    "Finding",
    "Fixed",
    "NoFile",
    "Refused",
    "Report",
    "Signed",
    "agrees",
    "diagnose",
    "examine",
    "fix",
    "printable",
    "receipt",
    "released",
    "sign",
    "versions",
    "write",
]
