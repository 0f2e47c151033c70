"""The three defects that the reproduction has as published, each put back alone into the module that it was in."""

import inspect
import types

import pytest
from flask import Flask

from repro.project import movies, tmdb


def as_published(module, corrected, published):
    """A copy of a module of the reproduction with one correction undone."""
    source = inspect.getsource(module)
    assert source.count(corrected) == 1
    copy = types.ModuleType(module.__name__)
    exec(compile(source.replace(corrected, published), module.__name__, "exec"), vars(copy))
    return copy


def test_prefix_without_slash():
    """As published, the blueprint's prefix lacks its leading slash, and the application cannot be made."""
    published = as_published(movies, 'url_prefix="/movies"', 'url_prefix="movies"')
    with pytest.raises(ValueError, match=r"leading slash|must start with a"):
        Flask("service").register_blueprint(published.blueprint)


def test_teardown_without_argument():
    """As published, the teardown function takes no argument, and every application context ends in a TypeError."""
    published = as_published(tmdb, "close_tmdb(exception: BaseException | None = None)", "close_tmdb()")
    app = Flask("service")
    published.init_app(app)
    with pytest.raises(TypeError, match="close_tmdb"), app.app_context():
        pass


@pytest.mark.needs("sync client", "base_url argument")
def test_payload_as_list(service):
    """As published, the view iterates the payload, which is an object, and its caller gets a 500."""
    published = as_published(movies, '.json()["results"]', ".json()")
    service.app.view_functions["movies.search"] = published.search
    answer = service.search()
    assert (answer.status_code, service.raised) == (500, "raises TypeError")
