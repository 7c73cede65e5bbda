"""Pages that list: 25 rows a page with their count, and the same rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from core.pages import Page

ROWS = 25
CHUNK = 500
BOM = "\ufeff"
# What a spreadsheet would take for a formula. Source: OWASP, CSV injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class TablePage(Page):
    """One table. `rows` are ordered; `headings` and `cells` are its columns as CSV."""

    headings: ClassVar[tuple[Any, ...]] = ()
    filename: ClassVar[str] = "table"

    def rows(self) -> QuerySet[Any]:
        """Everything that this reader may see, in order."""
        raise NotImplementedError

    def lines(self, rows: list[Any]) -> list[Any]:
        """What the template shows of one page of rows; the rows themselves by default."""
        return rows

    def cells(self, row: Any) -> Iterable[Any]:
        """The values of one row, as many as there are headings."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is no HttpResponse
        if request.GET.get("format") == "csv":
            return streamed(self.filename, self.headings, map(self.cells, each(self.rows())))
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        """`page` is a page of the rows, `lines` what stands on it."""
        page = page_of(self.rows(), self.request)
        return {"page": page, "lines": self.lines(list(page.object_list))}


def page_of(rows: Any, request: HttpRequest) -> Any:
    """The page of rows that the address asks for, with the numbers that core/pager.html shows."""
    paginator = Paginator(rows, ROWS)
    page = paginator.get_page(request.GET.get("page"))
    page.shown = list(  # type: ignore[attr-defined]  # read by core/pager.html
        paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    )
    return page


def each(rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows one by one, without holding all of them."""
    return iter(rows.iterator(chunk_size=CHUNK))


def streamed(
    name: str, headings: Iterable[Any], rows: Iterable[Iterable[Any]]
) -> StreamingHttpResponse:
    """A CSV file that spreadsheets read as text, in UTF-8 with its mark."""

    def pieces() -> Iterator[str]:
        writer = csv.writer(Echo())
        yield BOM + writer.writerow([str(heading) for heading in headings])
        for row in rows:
            yield writer.writerow([inert(cell) for cell in row])

    reply = StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return reply


class Echo:
    """A file whose `write` returns what it is given."""

    def write(self, value: str) -> str:
        """The line itself."""
        return value


def inert(cell: Any) -> str:
    """A cell that no spreadsheet runs: what looks like a formula begins with an apostrophe."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if not isinstance(cell, int) and text.startswith(FORMULA) else text
