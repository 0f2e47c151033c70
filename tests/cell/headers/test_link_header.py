"""`response.links`: what a `Link` header says, as the release reads it."""

from repro.cell.asking import answer
from repro.cell.responses import response

LINKS = {
    "none": None,
    "one": '<http://a.invalid/1>; rel="next"',
    "two": '<http://a.invalid/1>; rel="prev", <http://a.invalid/2>; rel="next"; title="Two"',
    "no relation": "<http://a.invalid/1>; title=One",
    "no parameters": "<http://a.invalid/1>",
    "a parameter without a value": '<http://a.invalid/1>; crossorigin; rel="next"',
    "the same relation twice": '<http://a.invalid/1>; rel="next", <http://a.invalid/2>; rel="next"',
    "empty": "",
}


def test_links(observe):
    """The links of a response, by what its header says: by relation, or by address where they have none."""

    def links(value):
        found = response(200, headers={} if value is None else {"Link": value}).links
        return {key: " ".join(f"{name}={part}" for name, part in link.items()) for key, link in found.items()}

    observe({name: answer(lambda value=value: links(value)) for name, value in LINKS.items()})
