"""The life of one anchoring transaction."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.states import Machine


class AttemptState(models.TextChoices):
    """Where an anchoring transaction stands; included and reverted are final.

    A superseded one is still watched: its receipt may only have been hidden by a lagging node.
    """

    SAVED = "saved", _("signed and saved")
    SENT = "sent", _("sent")
    INCLUDED = "included", _("included")
    REVERTED = "reverted", _("reverted")
    SUPERSEDED = "superseded", _("superseded")


S = AttemptState
OPEN = (S.SAVED, S.SENT)

# A transaction that was sent may be seen in a block before the sending was noted, hence the
# verbs that leave "saved" directly.
ATTEMPT = Machine(
    noun=gettext_noop("anchor attempt"),
    states=AttemptState,
    initial=(S.SAVED,),
    table=(
        (S.SAVED, "send", S.SENT),
        (S.SENT, "send", S.SENT),
        (S.SAVED, "include", S.INCLUDED),
        (S.SENT, "include", S.INCLUDED),
        (S.SAVED, "revert", S.REVERTED),
        (S.SENT, "revert", S.REVERTED),
        (S.SAVED, "supersede", S.SUPERSEDED),
        (S.SENT, "supersede", S.SUPERSEDED),
        (S.SUPERSEDED, "include", S.INCLUDED),
        (S.SUPERSEDED, "revert", S.REVERTED),
    ),
    words={
        "send": _("send the transaction"),
        "include": _("include in a block"),
        "revert": _("revert the transaction"),
        "supersede": _("supersede the transaction"),
    },
)
