"""The view: search TMDb for television series."""

from flask import Blueprint, Response, jsonify, request

from repro.project.tmdb import get_tmdb

# Corrected: as published the prefix is "movies", and Flask refuses one without a leading slash.
blueprint = Blueprint("movies", __name__, url_prefix="/movies")


@blueprint.route("/search")
def search() -> Response:
    """Search for `q`, and answer with a JSON list of `{"id", "title"}`."""
    with get_tmdb() as tmdb:
        response = tmdb.get("/search/tv", params={"query": request.args["q"], "page": 1})
        response.raise_for_status()
        # Corrected: as published it iterates the payload itself, which is an object with `results`.
        return jsonify([{"id": row["id"], "title": row["name"]} for row in response.json()["results"]])
