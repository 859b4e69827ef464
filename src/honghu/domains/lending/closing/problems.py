"""Refusals of the close of business."""

from honghu.base.problems import Conflict, Invalid


class ClosingRuns(Conflict):
    """Another close runs at this moment."""

    code = "closing-runs"


class UnableToClose(Invalid):
    """The day cannot be closed: it lies ahead, or an earlier day is not closed."""

    code = "unable-to-close"
