"""Claims about reading certificates, whole ones and mangled ones."""

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.adapters.certificates import certificate_of
from notifier.core.reach.probes import Certificate

NAMES = ("vc.example.org", "*.example.org", "192.0.2.1")


@pytest.fixture(scope="module")
def whole() -> bytes:
    pem = trustme.CA(organization_name="Example").issue_cert(*NAMES).cert_chain_pems[0].bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def test_a_certificate_tells_its_names_and_its_authority(whole: bytes) -> None:
    read = certificate_of(whole)

    assert read is not None
    assert read.names == NAMES
    assert read.issuer == "Example"
    assert read.begins < read.ends
    assert read.ends.utcoffset() is not None


@pytest.mark.parametrize("der", [None, b"", b"what?"])
def test_what_is_no_certificate_tells_nothing(der: bytes | None) -> None:
    assert certificate_of(der) is None


@given(changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=4))
@example(changes=[(12, 5)])  # a version that there is not
@example(changes=[(15, 255)])  # a serial number below nothing
def test_a_mangled_certificate_tells_something_or_nothing(
    whole: bytes, changes: list[tuple[int, int]]
) -> None:
    bent = bytearray(whole)
    for at, value in changes:
        bent[at % len(bent)] = value

    assert isinstance(certificate_of(bytes(bent)), Certificate | None)
