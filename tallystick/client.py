"""A small client of the exchange's JSON API and gateway, on urllib alone.

Refusals arrive as ApiError with the problem's code; tokens are sent to the base address only,
never along a redirect to another.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tallystick import __version__

PURPOSE_HEADER = "X-Purpose"
_MAX_JSON_BYTES = 16 * 2**20
_PIECE_BYTES = 2**20
_LONGEST_WAIT_SECONDS = 30.0
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


_PLAIN_ASCII = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def header_text(text: str) -> str:
    """Text as it travels in a header: ASCII as it is, other characters percent-encoded UTF-8."""
    return urllib.parse.quote(text, safe=_PLAIN_ASCII)


class ClientError(Exception):
    """Nothing usable came back."""


class Unreachable(ClientError):
    """The exchange did not answer, or broke off."""


class ApiError(ClientError):
    """The exchange refused: an RFC 9457 problem, whole in `problem`.

    `code` is the problem's stable code (`http-404` where there is none), `status` the HTTP
    status, `retry_after_seconds` what the exchange asks to wait, or None.
    """

    def __init__(
        self, status: int, problem: Mapping[str, Any], retry_after_seconds: float | None = None
    ) -> None:
        self.status = status
        self.problem = dict(problem)
        self.code = str(problem.get("code") or f"http-{status}")
        self.retry_after_seconds = retry_after_seconds
        detail = problem.get("detail") or problem.get("title") or "no reason given"
        super().__init__(f"{status} {self.code}: {detail}")


@dataclass(frozen=True, slots=True)
class Download:
    """A finished download; `resumed_from` is where the last request began, 0 for the start."""

    size: int
    resumed_from: int


class Client:
    """Speaks to one exchange. `base_url` is http(s), with any path prefix."""

    def __init__(
        self, base_url: str, *, token: str | None = None, timeout_seconds: float = 30.0
    ) -> None:
        if not _is_address(base_url):
            raise ClientError(f"{base_url!r} is not an http or https address")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ClientError("a token is printable ASCII")
        self._base = base_url
        self._token = token
        self._timeout = timeout_seconds
        self._opener = urllib.request.build_opener(_SameOriginRedirects())

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """GET a JSON resource. Raises ApiError, Unreachable."""
        query = f"?{urllib.parse.urlencode(params)}" if params else ""
        return self._json("GET", path + query, None, {})

    def post(
        self, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Any:
        """POST JSON and return the JSON answer. Raises ApiError, Unreachable."""
        headers = {"Content-Type": "application/json"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        data = json.dumps(body, ensure_ascii=False).encode("utf-8")
        return self._json("POST", path, data, headers)

    def download(
        self, path: str, out: str | Path, *, purpose: str | None = None, attempts: int = 5
    ) -> Download:
        """Fetch a file to `out`, which appears whole or not at all.

        What has come stands in `out`.part; a later call goes on from there if the server still
        has the same content (strong ETag, If-Range), and begins anew otherwise. Gives up after
        `attempts` requests in a row that brought nothing. Raises ApiError, Unreachable, OSError.
        """
        partial = _Partial(Path(out), self._url(path))
        headers = {} if purpose is None else {PURPOSE_HEADER: header_text(purpose)}
        most = resumed_from = partial.resume_point()[0]
        failures = 0
        while not partial.is_whole():
            try:
                resumed_from = self._download_rest(path, partial, headers)
                break
            except ClientError as error:
                failures = failures + 1 if partial.size() <= most else 0
                most = max(most, partial.size())
                wait = _wait_before_retry(error, failures)
                if wait is None or failures >= attempts:
                    raise
                time.sleep(wait)
        return Download(partial.finish(), resumed_from)

    def _download_rest(self, path: str, partial: _Partial, headers: Mapping[str, str]) -> int:
        """One request for what is missing; returns where it began."""
        offset, etag = partial.resume_point()
        headers = {**headers, "Accept": "*/*", "Accept-Encoding": "identity"}
        if offset and etag:
            headers |= {"Range": f"bytes={offset}-", "If-Range": etag}
        with self._open("GET", path, None, headers) as response:
            start, total = _span(response, offset)
            partial.begin(start, total, response.headers.get("ETag"))
            try:
                received = partial.append(response)
            except (OSError, http.client.HTTPException) as error:
                raise Unreachable(f"the download broke off: {error}") from None
        if total is not None and start + received != total:
            raise Unreachable(f"the download broke off at {start + received} of {total} bytes")
        return start

    def _json(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Any:
        headers = {**headers, "Accept": "application/json"}
        with self._open(method, path, data, headers) as response:
            try:
                body = response.read(_MAX_JSON_BYTES + 1)
            except (OSError, http.client.HTTPException) as error:
                raise Unreachable(f"the answer broke off: {error}") from None
        if len(body) > _MAX_JSON_BYTES:
            raise ClientError("the answer exceeds 16 MiB")
        try:
            return json.loads(body) if body else None
        except ValueError:
            raise ClientError("the answer is not JSON") from None

    def _open(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        request = urllib.request.Request(self._url(path), data=data, method=method)
        for name, value in headers.items():
            request.add_header(name, value)
        request.add_header("User-Agent", f"tallystick/{__version__}")
        if self._token is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            response: http.client.HTTPResponse = self._opener.open(request, timeout=self._timeout)
        except urllib.error.HTTPError as error:
            with error:
                raise _api_error(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"no answer from {self._base}: {error}") from None
        return response

    def _url(self, path: str) -> str:
        return f"{self._base.rstrip('/')}/{path.lstrip('/')}" if path else self._base


def _is_address(url: str) -> bool:
    """Whether `url` is http or https, names a host and can stand in a request line."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    printable = url.isascii() and url.isprintable() and " " not in url
    return printable and parts.scheme in {"http", "https"} and bool(parts.hostname)


class _SameOriginRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the origin, with the token; any other is an error."""

    def redirect_request(  # noqa: PLR0917 - the signature is urllib's
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            return None
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None:
            for name, value in req.unredirected_hdrs.items():
                request.add_unredirected_header(name, value)
        return request


class _Partial:
    """The unfinished file and the note of whose content it is."""

    def __init__(self, out: Path, url: str) -> None:
        self._out, self._url = out, url
        self._part = out.with_name(out.name + ".part")
        self._note = out.with_name(out.name + ".part.json")

    def size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def resume_point(self) -> tuple[int, str | None]:
        """Bytes that stand and their ETag; (0, None) where they cannot be trusted."""
        note = self._read_note()
        return (self.size(), str(note["etag"])) if note else (0, None)

    def is_whole(self) -> bool:
        """True when nothing is missing any more."""
        note = self._read_note()
        return bool(note) and note.get("size") == self.size()

    def begin(self, start: int, total: int | None, etag: str | None) -> None:
        """Keep the first `start` bytes and note the ETag, if it is a strong one."""
        with self._part.open("ab") as file:
            file.truncate(start)
        if etag and not etag.startswith("W/"):
            self._note.write_text(json.dumps({"url": self._url, "etag": etag, "size": total}))
        else:
            self._note.unlink(missing_ok=True)

    def _read_note(self) -> dict[str, Any]:
        try:
            note = json.loads(self._note.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        trusted = isinstance(note, dict) and note.get("url") == self._url and note.get("etag")
        return note if trusted else {}

    def append(self, response: http.client.HTTPResponse) -> int:
        received = 0
        with self._part.open("ab") as file:
            while piece := response.read(_PIECE_BYTES):
                file.write(piece)
                received += len(piece)
        return received

    def finish(self) -> int:
        """Make the file appear under its name; returns its size."""
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.replace(self._out)
        self._note.unlink(missing_ok=True)
        return self._out.stat().st_size


def _span(response: http.client.HTTPResponse, asked: int) -> tuple[int, int | None]:
    """Where the body begins in the file, and the file's size if it is told."""
    if response.status == http.client.PARTIAL_CONTENT:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match is None or match[1] is None or int(match[1]) != asked:
            raise ClientError("the server sent another range than was asked for")
        return asked, None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _wait_before_retry(error: ClientError, failures: int) -> float | None:
    """Seconds to wait, or None where trying again is of no use."""
    if isinstance(error, Unreachable):
        return min(0.1 * 2.0**failures, _LONGEST_WAIT_SECONDS)
    if isinstance(error, ApiError) and error.status in {429, 503}:
        wait = error.retry_after_seconds
        if wait is not None and wait <= _LONGEST_WAIT_SECONDS:
            return wait
    return None


def _api_error(error: urllib.error.HTTPError) -> ApiError:
    try:
        problem = json.loads(error.read(_MAX_JSON_BYTES))
    except (OSError, ValueError, http.client.HTTPException):
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    problem.setdefault("title", str(error.reason))
    retry_after = error.headers.get("Retry-After", "")
    return ApiError(error.code, problem, float(retry_after) if retry_after.isdigit() else None)
