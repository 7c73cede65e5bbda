"""Headers and bodies of the gateway's replies. Pure."""

from __future__ import annotations

from urllib.parse import quote

from delivery.gateway.calls import Call
from delivery.gateway.snapshot import ContractView, FileView, MeterView
from delivery.gateway.tables import Page

Headers = list[tuple[str, str]]


def limit_headers(contract: ContractView, meter: MeterView, unused: int, now_us: int) -> Headers:
    """Source: draft-ietf-httpapi-ratelimit-headers; `t` is the seconds until the term ends."""
    left = max(0, (contract.ends_us - now_us) // 1_000_000)
    return [
        ("RateLimit-Policy", f'"{meter.name}";q={meter.quota}'),
        ("RateLimit", f'"{meter.name}";r={unused};t={left}'),
    ]


def rows_headers(body: bytes, call: Call, limits: Headers) -> Headers:
    """The headers of a page."""
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Decision", call.decision.hex()),
        *limits,
    ]


def rows_body(page: Page, contract: ContractView, meter: MeterView, unused: int) -> bytes:
    """{"rows", "next_cursor", "usage"} as JSON."""
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    usage = (
        f'{{"contract": "{contract.id}", "meter": "{meter.name}", "units": 1, '
        f'"quota": {meter.quota}, "unused": {unused}}}'
    )
    return f'{{"rows": {page.rows}, "next_cursor": {cursor}, "usage": {usage}}}'.encode()


def file_headers(file: FileView, etag: str) -> Headers:
    """The headers that every reply about a file has."""
    kind = "text/csv; charset=utf-8" if file.columns else "application/octet-stream"
    return [
        ("Content-Type", kind),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.filename)}"),
        ("Accept-Ranges", "bytes"),
        ("ETag", etag),
        ("Cache-Control", "private, no-store"),
        ("X-Content-SHA256", file.sha256),
    ]
