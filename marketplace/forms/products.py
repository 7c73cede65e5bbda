"""What a seller offers: description and policy in plain fields, plans, scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.policy import FieldError, parse_json
from contracts.policy.model import CONTEXT, COUNT, DATE_TIME, PROFILE, PURPOSE, SPATIAL
from core.forms import DeedForm
from core.money import MAX_FEN
from core.time import CHINA
from marketplace.models import Product
from marketplace.models.product import MAX_UNITS

YUAN = re.compile(r"\d{1,13}(\.\d{1,2})?")
LIVE = {"data-live": ""}
FORBIDDEN = (("distribute", _("pass the data on")), ("derive", _("derive data from it")))


def lines_of(text: str) -> list[str]:
    """The lines that hold something, each once, in order."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def area(rows: int) -> forms.Textarea:
    """A field of several lines whose change is shown at once."""
    return forms.Textarea(attrs={"rows": rows, **LIVE})


class PolicyForm(DeedForm):
    """A policy of one permission to use and what is prohibited."""

    purposes = forms.CharField(
        label=_("Permitted purposes"),
        max_length=2000,
        widget=area(3),
        help_text=_("One a line. An order picks one of them; calls name it."),
    )
    count = forms.IntegerField(
        label=_("Uses at most"),
        required=False,
        min_value=1,
        max_value=MAX_UNITS,
        widget=forms.NumberInput(attrs=LIVE),
        help_text=_("Under one contract, in all; empty for no limit but the quota ordered."),
    )
    until = forms.DateField(
        label=_("Last day of use"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", **LIVE}, format="%Y-%m-%d"),
    )
    places = forms.CharField(
        label=_("Place of use"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=LIVE),
        help_text=_("Division codes of GB/T 2260, such as 500000; empty for anywhere."),
    )
    forbidden = forms.MultipleChoiceField(
        label=_("Prohibited"),
        required=False,
        choices=FORBIDDEN,
        widget=forms.CheckboxSelectMultiple(attrs=LIVE),
    )

    def clean(self) -> dict[str, Any]:
        """The fields make a policy that the profile admits."""
        data = super().clean()
        if not self.errors:
            try:
                data["policy"] = parse_json(policy_of(data), "policy").to_json()
            except FieldError as error:
                self.add_error(*fault(error))
        return data


def fault(error: FieldError) -> tuple[str, str]:
    """The form's field that a refusal of the policy means, and what to do."""
    if error.code == "bad-form":
        return "places", str(_("A place is a division code of six digits."))
    return "purposes", str(_("Each purpose has 1 to 64 characters, and at most 64 are named."))


def policy_of(data: dict[str, Any]) -> dict[str, Any]:
    """The policy that the plain fields say."""
    limits = [limit(PURPOSE, "isAnyOf", lines_of(data["purposes"]))]
    if data.get("count"):
        limits.append(limit(COUNT, "lteq", str(data["count"])))
    if data.get("until"):
        end = datetime.combine(data["until"] + timedelta(days=1), time.min, CHINA)
        limits.append(limit(DATE_TIME, "lt", f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
    places = [place for place in re.split(r"[\s,，、;；]+", data.get("places", "")) if place]
    if places:
        limits.append(limit(SPATIAL, "isPartOf", places))
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Set",
        "profile": PROFILE,
        "permission": [{"action": "use", "constraint": limits}],
    }
    if data.get("forbidden"):
        made["prohibition"] = [{"action": action} for action in data["forbidden"]]
    return made


def limit(operand: str, operator: str, right: Any) -> dict[str, Any]:
    """One ODRL constraint."""
    return {"leftOperand": operand, "operator": operator, "rightOperand": right}


def plain_fields(policy: dict[str, Any]) -> dict[str, Any]:
    """The plain fields of a policy that they can say; {} for one that says more."""
    permissions = policy["permission"]
    limits = permissions[0].get("constraint", [])
    found: dict[str, Any] = {
        "forbidden": [rule["action"] for rule in policy.get("prohibition", [])]
    }
    for one in limits:
        operand, right = one["leftOperand"], one["rightOperand"]
        if operand == PURPOSE and one["operator"] != "isNoneOf":
            found["purposes"] = "\n".join([right] if isinstance(right, str) else right)
        elif operand == COUNT:
            found["count"] = int(right) - (one["operator"] == "lt")
        elif operand == DATE_TIME and one["operator"] == "lt":
            end = datetime.fromisoformat(right).astimezone(CHINA)
            found["until"] = (end - timedelta(microseconds=1)).date()
        elif operand == SPATIAL:
            found["places"] = ", ".join(right)
    return found


class DescriptionForm(PolicyForm):
    """The description of a product and its policy."""

    name = forms.CharField(label=_("Name of the product"), max_length=60)
    overview = forms.CharField(label=_("Overview"), max_length=1000, widget=area(4))
    offers_file = forms.BooleanField(label=_("Also delivered as a file"), required=False)
    field_order = ["name", "overview", "offers_file"]

    def described(self) -> dict[str, Any]:
        """What the actions take, of a form that is valid."""
        names = ("name", "overview", "offers_file", "policy")
        return {name: self.cleaned_data[name] for name in names}


class OpenForm(DescriptionForm):
    """A new product on one of the seller's certified assets."""

    asset = forms.ChoiceField(label=_("Registered data"))
    zone = forms.ChoiceField(label=_("Zone"))
    field_order = ["asset", "zone", *DescriptionForm.field_order]

    def choose(self, assets: Iterable[tuple[str, str]], zones: Iterable[tuple[str, str]]) -> None:
        """What can be chosen."""
        self.fields["asset"].choices = list(assets)  # type: ignore[attr-defined]  # a choice field
        self.fields["zone"].choices = list(zones)  # type: ignore[attr-defined]  # a choice field


def described_by(product: Product) -> dict[str, Any]:
    """The initial values of a form that amends a product."""
    names = ("name", "overview", "offers_file")
    return {name: getattr(product, name) for name in names} | plain_fields(product.policy)


class PlanForm(DeedForm):
    """A price a call and a monthly quota."""

    name = forms.CharField(label=_("Name of the plan"), max_length=40)
    price = forms.CharField(
        label=_("Price of one call in yuan"),
        max_length=16,
        help_text=_("To the fen, such as 0.37; 0 for free."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "pattern": r"\d{1,13}(\.\d{1,2})?"}),
    )
    quota_min = forms.IntegerField(
        label=_("Fewest calls"), min_value=1, max_value=MAX_UNITS, initial=1
    )
    quota_max = forms.IntegerField(label=_("Most calls"), min_value=1, max_value=MAX_UNITS)
    file_bytes = forms.IntegerField(
        label=_("Bytes of the file"), min_value=0, max_value=MAX_UNITS, initial=0
    )

    def clean_price(self) -> int:
        """The price in fen."""
        text = self.cleaned_data["price"].strip().removeprefix("¥")
        if not YUAN.fullmatch(text):
            raise forms.ValidationError(_("An amount in yuan with at most two decimals."))
        whole, _dot, part = text.partition(".")
        fen = int(whole) * 100 + int(part.ljust(2, "0") or 0)
        if fen > MAX_FEN:
            raise forms.ValidationError(_("This amount is too large."))
        return fen


class ScenarioForm(DeedForm):
    """A purpose, and what is prohibited in it."""

    purpose = forms.CharField(
        label=_("Purpose"), max_length=64, help_text=_("One of the permitted purposes.")
    )
    summary = forms.CharField(
        label=_("What it is used for"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    prohibited = forms.CharField(
        label=_("Prohibited uses"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, at least one."),
    )


class PartForm(DeedForm):
    """Which plan or scenario is taken out."""

    part = forms.CharField(max_length=40, widget=forms.HiddenInput)
