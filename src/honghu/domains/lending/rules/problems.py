"""The refusals of loan arithmetic: each names the term, row or day, and what to do about it."""

from honghu.base.problems import Invalid


class LoanTermsError(Invalid):
    """A term of a loan that is missing, unknown, unreadable or at odds with another term."""

    code = "loan_terms"


class UnableToSchedule(Invalid):
    """Well-formed terms from which no schedule follows, such as a payment above what is owed."""

    code = "unable_to_schedule"


class UnableToReplay(Invalid):
    """A loan event that cannot happen in the state the loan is in on that day."""

    code = "unable_to_replay"
