"""The words of moderation. No synonyms elsewhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class CaseState(models.TextChoices):
    OPEN = "open", _("open")
    CLAIMED = "claimed", _("claimed")
    DECIDED = "decided", _("decided")
    DISMISSED = "dismissed", _("dismissed")  # the thing went away, or nothing was wrong
    REOPENED = "reopened", _("reopened")


UNDECIDED = (CaseState.OPEN, CaseState.CLAIMED, CaseState.REOPENED)

CASE_MOVES = moves(
    {
        CaseState.OPEN: (CaseState.CLAIMED, CaseState.DECIDED, CaseState.DISMISSED),
        CaseState.CLAIMED: (CaseState.OPEN, CaseState.CLAIMED, CaseState.DECIDED, CaseState.DISMISSED),
        CaseState.REOPENED: (CaseState.CLAIMED, CaseState.DECIDED, CaseState.DISMISSED),
        CaseState.DECIDED: (CaseState.REOPENED,),
        CaseState.DISMISSED: (CaseState.REOPENED,),
    }
)


class CaseKind(models.TextChoices):
    REVIEW = "review", _("before publishing")
    REPORT = "report", _("reported")


class ReportReason(models.TextChoices):
    """All reasons; which of them fit a target, its target says."""

    PROHIBITED_ITEM = "prohibited_item", _("prohibited item")
    FAKE_PRODUCT = "fake_product", _("fake product")
    OFFENSIVE_CONTENT = "offensive_content", _("offensive content")
    SCAM = "scam", _("scam")
    HARASSMENT = "harassment", _("harassment")
    SPAM = "spam", _("spam")
    FAKE_ACCOUNT = "fake_account", _("fake account")
    FRAUD = "fraud", _("fraud")
    INAPPROPRIATE_BEHAVIOR = "inappropriate_behavior", _("inappropriate behaviour")
    OTHER = "other", _("something else")


# The same in a sentence, for whoever chooses one.
REASON_WORDS = {
    ReportReason.PROHIBITED_ITEM: _("Something that may not be sold here"),
    ReportReason.FAKE_PRODUCT: _("A copy, or not what the pictures show"),
    ReportReason.OFFENSIVE_CONTENT: _("Sexual, violent or hateful"),
    ReportReason.SCAM: _("Wants money or details outside Souk Loop, or seems a trick"),
    ReportReason.HARASSMENT: _("Threats, insults, unwanted messages"),
    ReportReason.SPAM: _("The same again and again, or an advertisement"),
    ReportReason.FAKE_ACCOUNT: _("Pretends to be somebody else"),
    ReportReason.FRAUD: _("Took money, or sent something else"),
    ReportReason.INAPPROPRIATE_BEHAVIOR: _("Behaved badly when we met or wrote"),
    ReportReason.OTHER: _("None of these; please say what"),
}

# Reports for these reasons blur the pictures until the moderator asks for them.
SENSITIVE = (ReportReason.PROHIBITED_ITEM, ReportReason.OFFENSIVE_CONTENT, ReportReason.HARASSMENT)


class PreModeration(models.TextChoices):
    OFF = "off", _("off: listings appear at once")
    NEW_SELLERS = "new_sellers", _("new sellers wait for a moderator")
    ALL = "all", _("every listing waits for a moderator")


class MarkKind(models.TextChoices):
    """What the scanner sets apart in a text (`moderation.scanner`)."""

    PHONE = "phone", _("phone number")
    EMAIL = "email", _("email address")
    LINK = "link", _("link")
    HANDLE = "handle", _("name on another app")
    ELSEWHERE = "elsewhere", _("paying or meeting elsewhere")
    ABUSE = "abuse", _("abuse")


class ScanAction(models.TextChoices):
    """What becomes of a text with marks, mildest first: a held one is also brought before a moderator."""

    NOTHING = "nothing", _("nothing")
    WARN = "warn", _("warn the sender first")
    CASE = "case", _("deliver it and open a case")
    HOLD = "hold", _("hold it for a moderator")


class TermLanguage(models.TextChoices):
    ENGLISH = "en", _("English")
    ARABIC = "ar", _("Arabic")
