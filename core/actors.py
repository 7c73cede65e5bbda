"""Who does something. Every action takes `by=Actor`."""

from __future__ import annotations

from dataclasses import dataclass

VISITOR, PERSON, SERVICE, CLOCK_KIND, COMMAND_KIND = (
    "visitor",
    "person",
    "service",
    "clock",
    "command",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor, acting for at most one organisation.

    `kind` is visitor, person (a signed-in user), service (an API key: `credential_id`
    names it and `user_id` its member, whom four-eyes rules compare), clock (a deadline
    made a fact) or command (somebody with a shell on the exchange's machine). `roles`
    are the person's roles in `organisation_id`; `organisation_kind` is that
    organisation's kind ("exchange", "enterprise", ...). `demo` is true when the
    organisation is a demonstration one.
    """

    kind: str
    user_id: str = ""
    organisation_id: str = ""
    organisation_kind: str = ""
    roles: frozenset[str] = frozenset()
    demo: bool = False
    credential_id: str = ""

    @property
    def label(self) -> str:
        """How events name the actor: "usr_…@org_…", "key_…@org_…", "clock", "command"."""
        who = self.credential_id or self.user_id or self.kind
        return f"{who}@{self.organisation_id}" if self.organisation_id else who

    def has(self, role: str) -> bool:
        """True when the actor holds `role` in the organisation acted for."""
        return role in self.roles

    def acts_for(self, organisation_id: str) -> bool:
        """True when the actor acts for that organisation."""
        return bool(organisation_id) and self.organisation_id == organisation_id


ANYBODY = Actor(VISITOR)
CLOCK = Actor(CLOCK_KIND)
COMMAND = Actor(COMMAND_KIND)
