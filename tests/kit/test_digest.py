"""The server's side of Digest: which proofs it accepts, held against the examples of the RFCs."""

import pytest

from repro.cell.digest import fields, proves
from repro.cell.upstream import Seen

RFC_7616 = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{response}"'
)
MD5 = RFC_7616.format(algorithm="MD5", response="8ca523f5e9506fed4657c9700eebdbec")
SHA_256 = RFC_7616.format(
    algorithm="SHA-256", response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
)
#: The example of RFC 2069 with the response that its erratum 749 gives.
RFC_2069 = (
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)


def request(authorization, target="/dir/index.html"):
    """A GET with this Authorization."""
    return Seen(1, "GET", target, "HTTP/1.1", [("authorization", authorization)])


@pytest.mark.parametrize(
    ("authorization", "password"),
    [(MD5, b"Circle of Life"), (SHA_256, b"Circle of Life"), (RFC_2069, b"CircleOfLife")],
    ids=["RFC 7616, MD5", "RFC 7616, SHA-256", "RFC 2069"],
)
def test_examples_are_accepted(authorization, password):
    """The proof of each RFC's example is accepted with its password, and with no other."""
    assert proves(request(authorization), b"Mufasa", password)
    assert not proves(request(authorization), b"Mufasa", b"another")


def test_proof_is_for_its_target_and_its_user():
    """A proof that was made for another target, or by another user, is not accepted."""
    assert not proves(request(MD5, "/other"), b"Mufasa", b"Circle of Life")
    assert not proves(request(MD5), b"Scar", b"Circle of Life")


def test_unknown_algorithm_is_not_accepted():
    """A proof by an algorithm that the server does not know is not accepted."""
    assert not proves(request(MD5.replace("=MD5", "=MD6")), b"Mufasa", b"Circle of Life")


def test_body_is_part_of_the_proof_where_it_says_so():
    """With `auth-int` the proof that holds without the body is not accepted."""
    assert not proves(request(MD5.replace("qop=auth", "qop=auth-int")), b"Mufasa", b"Circle of Life")


def test_other_schemes_have_no_fields():
    """What is no digest has no fields, and proves nothing."""
    assert fields(request("Basic YTpi")) is None
    assert not proves(request("Basic YTpi"), b"a", b"b")
