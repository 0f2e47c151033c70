"""OpenAPI documents, as JSON and as YAML."""

import pytest

from repro.kit import openapi


def test_document_is_json_or_yaml():
    """What a file is called decides; YAML is what it is read as where nothing is known."""
    assert openapi.document('{"paths": {}}', ".json") == {"paths": {}}
    assert openapi.document("paths: {}", ".yml") == {"paths": {}}
    assert openapi.document('{"paths": {}}') == {"paths": {}}


@pytest.mark.parametrize(("text", "suffix"), [("{", ".json"), ("a: [", ".yaml")])
def test_damaged_document_is_said_in_one_line(text, suffix):
    """Either form that is damaged is one kind of error, with what is wrong with it."""
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        openapi.document(text, suffix)
