"""The views: search TMDb for television series, and add one to the watchlist."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, jsonify, request

from repro.hardened.guards import admit
from repro.hardened.tmdb import UpstreamError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("movies", __name__, url_prefix="/movies")


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Search for `q`, and answer with a JSON list of `{"id", "title"}`."""
    rows = current_app.extensions["tmdb"].search(request.args["q"])
    return jsonify([{"id": row["id"], "title": row["name"]} for row in rows])


@blueprint.post("/watchlist")
def add_to_watchlist() -> ResponseReturnValue:
    """Add the series `{"id": 1437}` to the watchlist, at most once for one `Idempotency-Key`.

    201 it is added; 409 it was asked for before with this key, and is not done again; 503 the guard cannot be asked,
    send it again; 502 and 504 upstream failed, and sending it again with the same key never does it twice.
    """
    wanted = request.get_json()
    if not isinstance(wanted, dict) or type(wanted.get("id")) is not int:
        return jsonify(error="id: a number is wanted"), 400
    if not (idempotency_key := request.headers.get("Idempotency-Key")):
        return jsonify(error="Idempotency-Key: this header is wanted"), 400
    show = wanted["id"]
    # The same key for another show is another write. A digest, because a caller's key is nobody else's to read.
    key = hashlib.sha256(f"watchlist/{show}/{idempotency_key}".encode()).hexdigest()

    guard = current_app.extensions["guard"]
    decision = admit(guard, key, fail_open=current_app.extensions["settings"].fail_open)
    current_app.extensions["metrics"].decision(decision)
    if decision == "duplicate":
        return jsonify(error="asked for before with this key, and not done again"), 409
    if decision == "refused":
        return jsonify(error="guard: cannot be asked"), 503, {"Retry-After": "1"}
    try:
        current_app.extensions["tmdb"].add_to_watchlist(show)
    except UpstreamError as error:
        if error.not_done and decision == "first":
            guard.release(key)
        raise
    return jsonify(id=show), 201
