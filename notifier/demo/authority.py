"""A private CA made on the spot: the demonstration sends as safely as the real thing."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID: Final = timedelta(days=2)
LOOPBACK: Final = "127.0.0.1"


def mail_server_context(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a CA and a certificate for this machine under `folder`.

    Gives the file for `ca_file` and the server's TLS context. The CA's key is thrown away.
    """
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _sign(
        _plain("Notifier demo CA", authority_key.public_key(), issuer="Notifier demo CA")
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True),
        authority_key,
    )
    certificate = _sign(
        _plain("Notifier demo mailbox", key.public_key(), issuer="Notifier demo CA")
        .add_extension(_names(), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        ),
        authority_key,
    )
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return ca_file, _context(folder / "mailbox.pem", certificate, key)


def _plain(
    name: str, public_key: ec.EllipticCurvePublicKey, *, issuer: str
) -> x509.CertificateBuilder:
    # A clock that was set back a little must not make it a certificate of tomorrow.
    now = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _sign(
    builder: x509.CertificateBuilder, authority: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    return builder.sign(authority, hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _names() -> x509.SubjectAlternativeName:
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    return x509.SubjectAlternativeName([x509.DNSName("localhost"), address])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _context(
    file: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> ssl.SSLContext:
    file.touch(mode=0o600)
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    # The context holds the key now.
    file.unlink()
    return context
