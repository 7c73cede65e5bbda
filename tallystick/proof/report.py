"""What a verification found: one link a check, each with its own answer and reason."""

from dataclasses import dataclass
from typing import Any

OK, FAILED, NOT_CHECKED, ABSENT = "ok", "failed", "not checked", "absent"


@dataclass(frozen=True)
class Link:
    """One check. `status` is OK, FAILED, NOT_CHECKED (something it needs is missing; counts as
    failed) or ABSENT (the bundle does not claim to hold it); `detail` says what was found."""

    name: str
    status: str
    detail: str

    @property
    def ok(self) -> bool:
        """Whether the chain of evidence holds at this link."""
        return self.status in (OK, ABSENT)


@dataclass(frozen=True)
class Report:
    """All links of one bundle, in the order of docs/reference/bundle.md."""

    links: tuple[Link, ...]

    @property
    def ok(self) -> bool:
        """True only if every link holds."""
        return all(link.ok for link in self.links)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON: {"ok": bool, "links": [{"name", "status", "detail"}]}."""
        links = [{"name": x.name, "status": x.status, "detail": x.detail} for x in self.links]
        return {"ok": self.ok, "links": links}
