"""The base of every page: show one thing, and let each of its forms do one deed.

A page names its forms by verb. A form posts to the page's own address with `verb` and
`intent`; the page calls `do_<verb>(data)`, which calls one action and answers with
where to go. A refusal shows the same page again, with what was typed and what to do.
`intent` is random for each rendering: a second click or the back button repeats nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from core import idempotency
from core.actors import Actor
from core.errors import DomainError, Invalid
from core.forms import DeedForm
from core.http import as_domain_error

NOT_PART_OF_THE_DEED = {"csrfmiddlewaretoken", "intent"}


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that was done: the address that follows, and the sentence said there."""

    address: str
    said: Any = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case as core/steps.html shows it; `state` is done, now, or ""."""

    title: Any
    state: str = ""
    note: Any = ""


class Page(View):
    """One page. `public` lets visitors in; `forms` maps each verb to its form."""

    template_name: ClassVar[str]
    fragment_template: ClassVar[str] = ""
    public: ClassVar[bool] = False
    forms: ClassVar[Mapping[str, type[DeedForm]]] = {}
    unkeyed: ClassVar[frozenset[str]] = frozenset()
    http_method_names = ["get", "head", "post", "options"]

    @property
    def actor(self) -> Actor:
        """Who looks; ANYBODY for a visitor."""
        actor: Actor = self.request.actor  # type: ignore[attr-defined]  # set by the middleware
        return actor

    def prepare(self, *_args: Any, **_kwargs: Any) -> None:
        """Load what the address names. Raises NotFound for what this actor may not see."""

    def context(self) -> dict[str, Any]:
        """What the template shows."""
        return {}

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        """The form of a verb; pages override it to give choices or initial values."""
        return self.forms[verb](data, files, prefix=None, auto_id=f"{verb}-%s")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if request.method in {"GET", "HEAD", "POST"}:
            self.prepare(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do the deed that the form names, once; on a refusal show the page again."""
        verb = request.POST.get("verb", "")
        if verb not in self.forms:
            raise Invalid(
                "verb-unknown",
                _("This page has no such form."),
                remedy=_("Reload the page and send the form again."),
            )
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        form = self.form(verb, request.POST, request.FILES)
        if not form.is_valid():
            return self.show({verb: form}, status=Invalid.status)
        try:
            done = self.once(verb, form)
        except Exception as exc:
            error = as_domain_error(exc)
            if error is None or error.status == 404:
                raise
            return self.refuse(verb, form, error)
        if done.said:
            messages.success(request, done.said)
        return redirect(done.address)

    def refuse(self, verb: str, form: DeedForm, error: DomainError) -> HttpResponse:
        """The page again, as it now stands, with the refusal and what was typed."""
        form.refuse(error)
        self.prepare(**self.kwargs)
        reply = self.show({verb: form}, status=error.status, refusal=error)
        if retry := error.data.get("retry_after"):
            reply["Retry-After"] = str(retry)
        return reply

    def once(self, verb: str, form: DeedForm) -> Done:
        """Do the deed once per intent; a repetition is led to where the first went."""

        def effect() -> idempotency.Reply:
            done: Done = getattr(self, f"do_{verb}")(form.cleaned_data)
            return 303, {"address": done.address, "said": str(done.said)}

        if verb in self.unkeyed:
            _status, reply = effect()
        else:
            # Of the person: a deed may change the organisation that the session acts for.
            who, route = self.actor.user_id, f"{self.request.path}#{verb}"
            intent = self.request.POST.get("intent", "")
            scope = idempotency.scope_of(who, "FORM", route, intent)
            (_status, reply), _replayed = idempotency.once(scope, self.body(), effect)
        return Done(reply["address"], reply["said"])

    def body(self) -> bytes:
        """What was sent, canonically: the fields in order, and each file's name and size."""
        fields = [
            f"{len(name)}:{name}={len(value)}:{value}"
            for name, values in sorted(self.request.POST.lists())
            if name not in NOT_PART_OF_THE_DEED
            for value in values
        ]
        files = [
            f"{name}={file.name}:{file.size}"
            for name, sent in sorted(self.request.FILES.lists())
            for file in sent
        ]
        return "\n".join(fields + files).encode("utf-8", "surrogatepass")

    def show(
        self,
        bound: Mapping[str, DeedForm] | None = None,
        *,
        status: int = 200,
        refusal: DomainError | None = None,
    ) -> HttpResponse:
        """Render the page; where htmx asks for the page's fragment, that alone."""
        shown = {verb: self.form(verb) for verb in self.forms} | dict(bound or {})
        context = self.context() | {"deeds": shown, "refusal": refusal, "actor": self.actor}
        wants_part = self.fragment_template and getattr(self.request, "htmx", None)
        name = self.fragment_template if wants_part else self.template_name
        reply = render(self.request, name, context, status=status)
        if self.fragment_template:
            reply["Vary"] = "HX-Request, Cookie, Accept-Language"
        return reply


def new_intent() -> str:
    """A random name for one rendering of a form."""
    return secrets.token_urlsafe(18)
