"""What each refusal of the gateway means to a buyer: which term, why, and what to do.

The gateway's own texts name the very request; these stand on pages, over many calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Words:
    """`term` is the part of the contract or of the request that the refusal rests on."""

    term: str
    title: Any
    why: Any
    remedy: Any


AGAIN = _("Send the call again; nothing was spent.")
NEW = _("Order again; the new contract has a quota and a term of its own.")
W = Words
REFUSALS: dict[str, Words] = {
    "purpose-missing": W(
        "purpose",
        _("No purpose stated"),
        _("The contract permits use for its purpose only, and the call named none."),
        _("Send the header X-Purpose with the agreed purpose, percent-encoded."),
    ),
    "purpose-not-agreed": W(
        "purpose",
        _("Purpose not agreed"),
        _("The call named another purpose than the contract permits."),
        _("Use the data for the agreed purpose, or order for the other one."),
    ),
    "purpose-malformed": W(
        "purpose",
        _("Purpose unreadable"),
        _("The header X-Purpose was not percent-encoded UTF-8."),
        _("Percent-encode a purpose that is not ASCII."),
    ),
    "place-missing": W(
        "spatial",
        _("No place of use"),
        _("The contract permits use in one place only, and the buyer's is not known."),
        _("Ask the exchange to complete the organisation's registered division."),
    ),
    "place-not-agreed": W(
        "spatial",
        _("Place not agreed"),
        _("The place of use lies outside what the contract permits."),
        _("Use the data in the agreed place, or agree on a wider one in a new contract."),
    ),
    "too-early": W(
        "dateTime", _("Too early"), _("The permission had not begun."), _("Come back then.")
    ),
    "too-late": W("dateTime", _("Too late"), _("The permission was over."), NEW),
    "count-exceeded": W(
        "count", _("Count used up"), _("The permitted number of uses was reached."), NEW
    ),
    "prohibited": W(
        "prohibition",
        _("Prohibited"),
        _("The contract forbids this very use."),
        _("Use the data as the contract permits."),
    ),
    "action-not-permitted": W(
        "action",
        _("Not permitted"),
        _("No permission of the contract covers this use."),
        _("Use the data as the contract permits."),
    ),
    "quota-exhausted": W(
        "quota", _("Quota used up"), _("What was left did not suffice for the call."), NEW
    ),
    "quota-busy": W(
        "quota",
        _("Rest of the quota in flight"),
        _("What was left was held by another worker of the gateway just then."),
        _("Try again after a second."),
    ),
    "contract-unknown": W(
        "recipient",
        _("A stranger's key"),
        _("The key belongs to an organisation that is no party to this contract."),
        _("Use a key of the buyer; tell the exchange if you know nothing of it."),
    ),
    "not-the-buyer": W(
        "recipient",
        _("The seller's key"),
        _("Under the contract the buyer takes the data, not the seller."),
        _("Use a key of the buyer."),
    ),
    "contract-not-active": W(
        "term",
        _("Not active yet"),
        _("The price was not in escrow, or a signature was missing."),
        _("Sign and fund; use begins at once then."),
    ),
    "contract-not-started": W(
        "term", _("Term not begun"), _("The term begins later."), _("Come back then.")
    ),
    "contract-ended": W("term", _("Term over"), _("The term had ended."), NEW),
    "contract-suspended": W(
        "term",
        _("Suspended"),
        _("Use was suspended at that moment."),
        _("The reason stands at the top of the contract; ask the side that suspended it."),
    ),
    "contract-terminated": W("term", _("Terminated"), _("The contract had been ended."), NEW),
    "rows-not-offered": W(
        "delivery",
        _("No rows here"),
        _("The contract offers no rows."),
        _("Fetch the file instead."),
    ),
    "file-not-offered": W(
        "delivery",
        _("No file here"),
        _("The contract has no file, or it was not deposited."),
        _("Ask the seller whether the file has been deposited."),
    ),
    "filter-unknown": W(
        "request",
        _("Unknown column"),
        _("The data has no such column to filter by."),
        _("Use the columns that the refusal lists."),
    ),
    "filter-doubled": W(
        "request", _("A parameter twice"), _("One parameter came twice."), _("Give each once.")
    ),
    "limit-invalid": W(
        "request", _("Wrong limit"), _("limit was no number from 1 to 1,000."), _("Correct limit.")
    ),
    "cursor-invalid": W(
        "request",
        _("Wrong cursor"),
        _("The cursor belonged to another question."),
        _("Send next_cursor of the last page as it is, with the same filters."),
    ),
    "streams-busy": W(
        "gateway", _("Too many downloads"), _("Too many downloads ran at once."), AGAIN
    ),
    "range-unsatisfiable": W(
        "request",
        _("Range outside the file"),
        _("The range lay outside the file."),
        _("Correct Range."),
    ),
    "range-multiple": W(
        "request",
        _("Several ranges"),
        _("One call asked for several ranges."),
        _("Ask for one range in each call."),
    ),
    "query-too-long": W(
        "request", _("Query too long"), _("The query was too long."), _("Use fewer filters.")
    ),
    "nul-byte": W("request", _("A NUL byte"), _("The query held a NUL byte."), _("Leave it out.")),
    "not-utf8": W(
        "request", _("Not UTF-8"), _("The query was not UTF-8."), _("Use percent-encoded UTF-8.")
    ),
    "rows-loading": W(
        "gateway", _("Data being loaded"), _("The gateway was loading the data."), AGAIN
    ),
    "rows-damaged": W(
        "delivery",
        _("File damaged"),
        _("The stored file was no longer the registered one and was not served."),
        _("Ask the seller to deposit it again."),
    ),
    "spool-failed": W(
        "gateway", _("Not recordable"), _("The gateway could not record the call."), AGAIN
    ),
}
OTHER = W("gateway", _("Refused"), _("The gateway refused the call."), AGAIN)


def words_of(code: str) -> Words:
    """The words of a code; general ones for a code that no page knows."""
    return REFUSALS.get(code, OTHER)
