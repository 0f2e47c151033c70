"""What of a payload counts: each place of it, and the headers beside it."""

from repro.kit import payload


def test_every_place_has_its_types_and_its_values():
    """Items of a list are one place, with all their types and values in order; objects and lists have none."""
    found = payload.places({"a": [{"id": 1}, {"id": None}, {}], "b": True, "c": []})
    assert {place: (there.shape, there.values) for place, there in found.items()} == {
        "": ("object", []),
        "/a": ("list", []),
        "/a/*": ("object", []),
        "/a/*/id": ("integer or null", [1, None]),
        "/b": ("truth", [True]),
        "/c": ("list", []),
    }


def test_place_is_a_json_pointer():
    """A slash or a tilde in a name is written as RFC 6901 has it, so that no two places are called alike."""
    assert list(payload.places({"/search": {"a~b": 1.5}})) == ["", "/~1search", "/~1search/a~0b"]


def test_headers_that_are_about_one_answer_do_not_count():
    """Headers count by their names in lower case, all values of one together, and cookies by their names alone."""
    lines = [("X-A", "1"), ("Date", "now"), ("x-a", "2"), ("Set-Cookie", "b=2"), ("set-cookie", "a=1; Path=/")]
    assert payload.headers(lines) == {"header x-a": "1, 2", "cookies": "a, b"}
    assert payload.headers([]) == {}


def test_long_text_is_told_from_others_by_a_digest():
    """A text is shown to a length; two that begin alike are still two."""
    assert payload.short("x" * 80) == "x" * 80
    one, other = payload.short("x" * 100 + "a"), payload.short("x" * 100 + "b")
    assert one.startswith("x" * 60 + "... (")
    assert len({one, other}) == 2


def test_bytes_are_told_by_a_digest():
    """How many they are, and what they hash to."""
    assert payload.digest(b"")["length"] == 0
    assert payload.digest(b"a")["sha256"] != payload.digest(b"b")["sha256"]
