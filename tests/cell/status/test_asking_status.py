"""What a response and the list of codes say about a status."""

import pytest

from repro.cell.library import httpx
from repro.cell.responses import response
from repro.cell.values import told

STATUSES = (100, 200, 299, 300, 301, 304, 399, 400, 499, 500, 599, 600)

NAMES = ("is_informational", "is_success", "is_redirect", "is_client_error", "is_server_error", "is_error")


def codes():
    """The list of codes, under the name that the release has for it."""
    return httpx.codes if hasattr(httpx, "codes") else httpx.StatusCode


def yes(ask):
    """The statuses for which a question is answered with yes; or what came of asking."""
    answers = {status: told(lambda status=status: ask(status)) for status in STATUSES}
    other = [answer for answer in answers.values() if answer not in (True, False)]
    return other[0] if other else [status for status, answer in answers.items() if answer]


def test_properties(observe):
    """The statuses for which a response says yes, by its property."""
    observe({name: yes(lambda status, name=name: getattr(response(status), name)) for name in NAMES})


def test_functions(observe):
    """The statuses for which the list of codes says yes, by its function."""
    observe({name: yes(lambda status, name=name: getattr(codes(), name)(status)) for name in NAMES})


def test_reason_phrase(observe):
    """The reason phrase of a response that was made with a status alone."""
    statuses = (200, 299, 404, 418, 425, 600)
    observe({str(status): told(lambda status=status: response(status).reason_phrase) for status in statuses})


def test_made(observe):
    """The status of a response, by what it was made with."""
    statuses = (42, 299, 600, 1000, -1, "200", None)
    observe({repr(status): told(lambda status=status: int(response(status).status_code)) for status in statuses})


def test_type(observe):
    """The type of a response's status, and how it compares with a number."""
    status = response(200).status_code
    observe(
        {
            "type": type(status).__name__,
            "equals 200": told(lambda: status == 200),
            "below 300": told(lambda: status < 300),
        }
    )


def test_repr(observe):
    """How a response is printed."""
    observe({str(status): told(lambda status=status: repr(response(status))) for status in (200, 404, 299)})


SPELLINGS = {
    "codes": {
        "codes.NOT_FOUND": lambda: httpx.codes.NOT_FOUND,
        "codes.not_found": lambda: httpx.codes.not_found,
        "codes['NOT_FOUND']": lambda: httpx.codes["NOT_FOUND"],
        "codes(404)": lambda: httpx.codes(404),
        "codes(299)": lambda: httpx.codes(299),
    },
    "status_code": {
        "StatusCode.NOT_FOUND": lambda: httpx.StatusCode.NOT_FOUND,
        "StatusCode(404)": lambda: httpx.StatusCode(404),
    },
    "rarer_codes": {
        "EARLY_HINTS": lambda: codes().EARLY_HINTS,
        "IM_A_TEAPOT": lambda: codes().IM_A_TEAPOT,
        "TOO_EARLY": lambda: codes().TOO_EARLY,
        "UNAVAILABLE_FOR_LEGAL_REASONS": lambda: codes().UNAVAILABLE_FOR_LEGAL_REASONS,
    },
}


@pytest.mark.parametrize("spellings", [pytest.param(spellings, id=name) for name, spellings in SPELLINGS.items()])
def test_spelling(observe, spellings):
    """The number behind a spelling of a status."""
    observe({name: told(lambda spell=spell: int(spell())) for name, spell in spellings.items()})


def test_text(observe):
    """What a code of the list is as a text, and its reason phrase, also of a number that the list lacks."""
    observe(
        {
            "str": told(lambda: str(codes()(404))),
            "format": told(lambda: f"{codes()(404)}"),
            "get_reason_phrase": told(lambda: codes().get_reason_phrase(404)),
            "get_reason_phrase of 299": told(lambda: codes().get_reason_phrase(299)),
        }
    )
