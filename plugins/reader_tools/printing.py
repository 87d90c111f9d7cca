"""The print view of an item as a PDF file, made on this server and from its own files alone.

The library that makes it, WeasyPrint, needs Pango, which not every server has: it is an extra. The
tool is shown where it can be imported; elsewhere the print view of the browser is what there is.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from hoitu.core.content import Item
from hoitu.core.extensions import platform, session
from hoitu.core.jobs import Job, JobContext
from hoitu.core.web import is_own_host, pages_of
from hoitu.plugins.reader_tools import fonts

log = logging.getLogger(__name__)

#: Folder below the instance with the files made, and how long one is of use: it tells its day.
FOLDER: Final = "pdf"
KEPT: Final = timedelta(days=1)
#: Bytes to which the folder is cut back, the newest files first.
CEILING: Final = 256 << 20
#: One process makes one at a time, and lets one visitor wait so many seconds for their turn: every
#: other thread serves pages.
PATIENCE: Final = 2
#: What a print view may be made of: assets, and files that a visitor of the site may read.
OWN: Final = frozenset({"assets.asset", "files.download", "files.variant"})
_turn, _next = BoundedSemaphore(1), BoundedSemaphore(1)


class Busy(Exception):
    """Others are being made just now, and somebody waits already."""


class Forbidden(ValueError):
    """A page names something that is not of this site; it is left out of the file."""


@cache
def _library() -> Any:
    """Return the library, or None where it, or what it needs of the system, is not installed."""
    # They tell at length which modern rules of a style sheet they leave out.
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        log.info("no PDF is made: %s", error)
        return None


def can_print(type_name: str) -> bool:
    """Say whether a PDF of items of a type can be made here."""
    return pages_of(type_name) is not None and _library() is not None


def page_of(item: Item) -> str:
    """Return the print view of an item: whatever changes the PDF changes it.

    The theme, too: the addresses of its style sheets, which are in it, change with their content.
    """
    pages = pages_of(item.type)
    assert pages is not None
    return str(pages.print_view(item.id, item.slug))


def kept(page: str) -> bytes | None:
    """Return the PDF of a print view if it was made before."""
    try:
        return _path(page).read_bytes()
    except FileNotFoundError:
        return None


def make(page: str) -> bytes:
    """Return the PDF of a print view, made anew; it ends the transaction of the request.

    It is kept for others, but not under a host name that is only accepted.

    :raises Busy: too many are being made just now.
    """
    # It takes seconds, in which no connection is held.
    session().rollback()
    with _one_at_a_time():
        # Whoever had the turn before may have made the same.
        found = kept(page)
        if found is None:
            found = _made(page, request.host_url)
            if is_own_host():
                _write(_path(page), found)
        return found


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _turn.acquire(blocking=False):
        if not _next.acquire(blocking=False):
            raise Busy
        try:
            if not _turn.acquire(timeout=PATIENCE):
                raise Busy
        finally:
            _next.release()
    try:
        yield
    finally:
        _turn.release()


def key_of(page: str) -> str:
    """Return under which name the PDF of a print view is kept."""
    return hashlib.sha256(page.encode()).hexdigest()


def _path(page: str) -> Path:
    return platform.instance / FOLDER / f"{key_of(page)}.pdf"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    # Of its own: another process may write the same file at this moment.
    draft = path.with_suffix(f".{uuid4().hex}.part")
    draft.write_bytes(content)
    draft.replace(path)


def _made(page: str, root: str) -> bytes:
    """Return the PDF of a page whose own addresses begin with ``root``."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    sheet = resources.files("hoitu.plugins.reader_tools") / "data" / "paper.css"
    # In a thread of its own: what is fetched there must not touch the request that is served here.
    with ThreadPoolExecutor(max_workers=1) as thread:
        made = thread.submit(_render, _library(), app, page, root, sheet.read_text("utf-8"))
        return made.result()


def _render(library: Any, app: Flask, page: str, root: str, sheet: str) -> bytes:
    fetcher = _fetcher(library, app, root)
    paper = library.CSS(string=sheet, base_url=root, url_fetcher=fetcher)
    document = library.HTML(string=page, base_url=root, url_fetcher=fetcher, media_type="print")
    made = document.write_pdf(stylesheets=[paper], pdf_tags=True, pdf_variant="pdf/ua-1")
    return bytes(made)


def _fetcher(library: Any, app: Flask, root: str) -> Any:
    """Return what fetches the parts of a page: from this application, never from anywhere else."""
    urls = importlib.import_module("weasyprint.urls")

    class OwnFiles(urls.URLFetcher):  # type: ignore[misc, name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            """Return an own file.

            :raises Forbidden: it is none.
            """
            first, *others = (own_file(app, part, root) for part in fonts.parts_of(url))
            content = first.get_data()
            if others:
                content = fonts.joined((content, *(other.get_data() for other in others)))
            elif first.mimetype == "text/css":
                content = fonts.together(content.decode("utf-8")).encode("utf-8")
            kind = {"Content-Type": first.headers["Content-Type"]}
            return urls.URLFetcherResponse(url, content, kind)

    return OwnFiles(allowed_protocols=())


def own_file(app: Flask, url: str, root: str) -> Response:
    """Return what a visitor of the site gets for the address of an asset or a file.

    :raises Forbidden: the address is of another kind or site, or a visitor may not read it.
    """
    try:
        there, here = urlsplit(url), urlsplit(root)
    except ValueError as error:
        raise Forbidden(f"no address: {url[:200]}") from error
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise Forbidden(f"not of this site: {url[:200]}")
    path = unquote(there.path)
    try:
        endpoint, _values = app.url_map.bind(here.netloc).match(path, "GET")
    except (HTTPException, RequestRedirect) as error:
        raise Forbidden(f"no file of this site: {url[:200]}") from error
    if endpoint not in OWN:
        raise Forbidden(f"no file of this site: {url[:200]}")
    answer = app.test_client().get(path, base_url=root, buffered=True)
    if answer.status_code != 200:
        raise Forbidden(f"not to be read: {url[:200]}")
    return answer


def _tidy(context: JobContext) -> None:
    """Delete files of days gone by, and the oldest of those beyond the ceiling."""
    before = context.clock.now().timestamp() - KEPT.total_seconds()
    files, size = [], 0
    for path in (platform.instance / FOLDER).glob("*.p*"):
        # Another process may give a finished one its name at this moment.
        with suppress(FileNotFoundError):
            files.append((path, path.stat()))
    for path, told in sorted(files, key=lambda file: file[1].st_mtime, reverse=True):
        size += told.st_size
        if told.st_mtime < before or size > CEILING:
            path.unlink(missing_ok=True)


JOBS: Final = (Job("tidy", _tidy, every=timedelta(hours=1)),)
