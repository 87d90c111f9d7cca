"""Compression of what goes over the wire, so that one process serves a slow phone well too.

What nobody may store stays as it is: it is meant for one person, and a page that repeats words of
its address beside a secret would tell the secret by its length (BREACH).
"""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress


def init_app(app: Flask) -> None:
    """Compress the answers of the public site."""
    app.config["COMPRESS_REGISTER"] = False
    app.config["COMPRESS_STREAMS"] = False
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    compress = Compress(app)

    def shorten(response: Response) -> Response:
        personal = response.cache_control.no_store
        whole = response.status_code != 206
        return compress.after_request(response) if whole and not personal else response

    app.after_request(shorten)
