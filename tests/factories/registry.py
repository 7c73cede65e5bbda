"""Assets, cases and certificates as tests need them, made through the actions."""

from __future__ import annotations

import itertools
import random
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from accounts.models import Organisation
from core.actors import CLOCK, Actor
from core.keys import key_path
from core.workdays import workdays_back
from registry import actions, queries, rules
from registry.application import Application
from registry.models import Certificate, RegistrationCase
from registry.states import CaseState
from tallystick import keys
from tallystick.digests import sha256_hex
from tallystick.fingerprint import Manifest, answer, fingerprint
from tallystick.fingerprint.possession import ChunkAnswer
from tests.factories.accounts import actor_of, make_exchange, make_reviewer, make_seller

HOUR = timedelta(hours=1)
NUMBERS = itertools.count(1)
FOLDER = Path(tempfile.mkdtemp(prefix="tallystick-files-"))


def make_file(*, chunks: int = 13, name: str = "") -> Path:
    """A binary file of that many chunks, other content each time; the last chunk is short."""
    number = next(NUMBERS)
    path = FOLDER / (name or f"{number}.bin")
    path.write_bytes(random.Random(number).randbytes(65_536 * chunks - 17))
    return path


def make_table(rows: int = 3) -> Path:
    """A small CSV file with other rows each time."""
    number = next(NUMBERS)
    path = FOLDER / f"{number}.csv"
    path.write_text("编号,名称\n" + "".join(f"{number}-{n},第{n}村\n" for n in range(rows)))
    return path


def manifest_of(path: Path) -> Manifest:
    """The file's fingerprint."""
    return fingerprint(path, workers=1)


def make_application(path: Path | None = None, **changes: object) -> Application:
    """An acceptable application about a file (a new one), with `changes`."""
    stated: dict[str, object] = {
        "name": "2023年重庆市村级行政区划代码数据集",
        "overview": "示例概述：每行一个村或社区，含县区、乡镇和代码。",
        "industry": "I65",
        "source_kind": "derived",
        "spatial": "重庆市",
        "temporal_from": date(2023, 1, 1),
        "temporal_to": date(2023, 6, 30),
        "update_frequency": "yearly",
        "form": "table",
        "restrictions": "无",
        "rights": ("hold", "use", "operate"),
        "evidence_sha256": sha256_hex("衍生创造说明".encode()),
        "term_until": None,
        "manifest": manifest_of(path or make_file()).public(),
    }
    return Application(**{**stated, **changes})  # type: ignore[arg-type]


def make_exchange_key() -> None:
    """The exchange's signing key is in place."""
    path = key_path("exchange")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        keys.generate(path)


def answers_to(case: RegistrationCase, path: Path) -> list[ChunkAnswer]:
    """The right answers to the case's open challenge."""
    challenge = queries.open_challenge(case)
    assert challenge is not None
    return answer(path, challenge.indexes, workers=1)


class Story:
    """One registration, step by step, each an hour after the one before.

    Begins `workdays` Chinese working days before now, or at `start`; a holder who is no
    demonstration organisation acts at server time.
    """

    def __init__(
        self,
        holder: Organisation | None = None,
        *,
        path: Path | None = None,
        start: datetime | None = None,
        workdays: int = 10,
        **changes: object,
    ) -> None:
        self.exchange = make_exchange()
        self.holder = holder or make_seller()
        self.path = path or make_file()
        self.applicant: Actor = actor_of(self.holder)
        self.reviewer: Actor = make_reviewer()
        self.clock = start or workdays_back(timezone.now(), workdays)
        application = make_application(self.path, **changes)
        self.case = actions.open_case(
            self.holder, application=application, by=self.applicant, now=self.moment()
        )

    def moment(self) -> datetime | None:
        """The next moment of effect; None for a real holder."""
        if not self.holder.is_demo:
            return None
        self.clock += HOUR
        return self.clock

    def submit(self) -> Story:
        actions.submit(self.case, by=self.applicant, now=self.moment())
        return self

    def send_back(self) -> Story:
        items = ["请补充来源说明。"]
        actions.send_back(self.case, items=items, by=self.reviewer, now=self.moment())
        return self

    def accept(self) -> Story:
        actions.accept(self.case, by=self.reviewer, now=self.moment())
        return self

    def prove(self) -> Story:
        if rules.needs_consent(3, self.case.version.chunk_count):
            actions.consent_to_disclosure(self.case, by=self.applicant, now=self.moment())
        actions.draw_challenge(self.case, by=self.reviewer, now=self.moment())
        answers = answers_to(self.case, self.path)
        actions.answer_challenge(self.case, answers=answers, by=self.applicant, now=self.moment())
        return self

    def publicise(self) -> Story:
        actions.pass_review(self.case, by=self.reviewer, now=self.moment())
        return self

    def issue(self) -> Certificate:
        make_exchange_key()
        return actions.issue(self.case, by=CLOCK)

    def to(self, state: CaseState | str) -> RegistrationCase:
        """Bring a new story's case to `state`; the case."""
        refusal = {"ground": "dispute", "reason": "权属争议未决。", "by": self.reviewer}
        for step in STEPS[CaseState(state)]:
            getattr(self, step)()
        if state == CaseState.DECLINED:
            reason = "不属于登记范围。"
            actions.decline(self.case, reason=reason, by=self.reviewer, now=self.moment())
        elif state == CaseState.REFUSED:
            actions.refuse(self.case, **refusal, now=self.moment())
        elif state == CaseState.WITHDRAWN:
            actions.withdraw(self.case, by=self.applicant, now=self.moment())
        return self.case


REVIEWED = ("submit", "accept", "prove", "publicise")
STEPS: dict[CaseState, tuple[str, ...]] = {
    CaseState.DRAFT: (),
    CaseState.SUBMITTED: ("submit",),
    CaseState.RETURNED: ("submit", "send_back"),
    CaseState.DECLINED: ("submit",),
    CaseState.ACCEPTED: ("submit", "accept"),
    CaseState.PUBLICITY: REVIEWED,
    CaseState.ISSUED: (*REVIEWED, "issue"),
    CaseState.REFUSED: ("submit", "accept"),
    CaseState.WITHDRAWN: (),
}


def make_certificate(
    holder: Organisation | None = None, *, path: Path | None = None, **changes: object
) -> Certificate:
    """A certificate in force, of a demonstration seller unless told otherwise."""
    story = Story(holder, path=path, **changes)
    story.to(CaseState.ISSUED)
    return queries.certificate_by_code(story.case.certificate.code)
