"""Certificates as servers show them, read: for whom, by whom, from when until when."""

import warnings
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from notifier.core.cleaning import clean_line
from notifier.core.reach.probes import Certificate

# What is kept of a name (characters).
_KEPT_TEXT: Final = 200

# What cryptography says of certificates that OpenSSL has let pass, and nobody can make sense of.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def certificate_of(der: bytes | None) -> Certificate | None:
    """Read what a certificate (in DER) says of itself; None where that cannot be read."""
    # What cryptography will not take some day is the business of whoever has the certificate.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _told(x509.load_der_x509_certificate(der or b""))
        except _UNREADABLE:
            return None


def _told(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        names=tuple(clean_line(each, _KEPT_TEXT) for each in _names(certificate)),
        issuer=clean_line(_called(certificate.issuer), _KEPT_TEXT),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _names(certificate: x509.Certificate) -> list[str]:
    """Give the names of the certificate; its common name counts for nobody since RFC 6125."""
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = others.get_values_for_type(x509.IPAddress)
    return [*others.get_values_for_type(x509.DNSName), *(str(each) for each in addresses)]


def _called(name: x509.Name) -> str:
    """Give the common name, else the organisation, else the whole."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            return str(found[0].value)
    return name.rfc4514_string()
