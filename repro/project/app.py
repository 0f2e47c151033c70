"""The application factory."""

from flask import Flask

from repro.project import movies, tmdb


def create_app() -> Flask:
    """The application, with its view and its teardown."""
    app = Flask(__name__)
    tmdb.init_app(app)
    app.register_blueprint(movies.blueprint)
    return app
