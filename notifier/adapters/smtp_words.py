"""What went wrong with a certificate or a login, in the words of the person who has to mend it."""

import ssl
from typing import Any, Final

from notifier.core.cleaning import clean_line
from notifier.core.mail_servers import Smtp

# OpenSSL's verification results (X509_V_ERR_*): what is wrong, and what to do.
CERTIFICATE_FAULTS: Final[dict[int, tuple[str, str]]] = {
    9: ("its certificate is not valid yet", "check the clock of this machine"),
    10: ("its certificate has expired", "have it renewed"),
    18: ("its certificate is signed by itself", "name it in `ca_file` if it is your own"),
    19: ("its certificate comes from an unknown CA", "name the private CA in `ca_file`"),
    20: ("its certificate comes from an unknown CA", "name the private CA in `ca_file`"),
    21: ("its certificate comes without its chain", "have the server send the whole chain"),
    62: ("its certificate is for another name", "set the host to a name in the certificate"),
    64: ("its certificate is for another address", "set the host to a name in the certificate"),
}

LOGIN_ADVICE: Final[dict[int, str]] = {
    454: "try again later: the server cannot check logins at the moment",
    530: "choose security ssl or starttls: the server wants TLS before the login",
    534: "the server wants a stronger way to log in, such as OAuth2",
    535: "check username and password; large mail hosts want an app password or OAuth2",
    538: "choose security ssl or starttls: the server wants TLS before the login",
}


def certificate_fault(fault: BaseException, smtp: Smtp) -> tuple[str, str]:
    """Give cause and advice for a failed TLS handshake."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return tls_fault(fault, smtp.host)
    if isinstance(fault, ssl.SSLError) and "WRONG_VERSION" in (fault.reason or ""):
        cause = f"TLS: {smtp.host} port {smtp.effective_port} does not speak TLS from the start"
        return cause, "choose security starttls, or the port for implicit TLS (465)"
    if isinstance(fault, TimeoutError | ConnectionAbortedError):
        return "TLS: timeout in the handshake", "check port and security"
    return (
        f"TLS: the handshake failed ({clean_line(str(fault))})",
        "check port and security, and its TLS version",
    )


def tls_fault(fault: ssl.SSLError, whose: str) -> tuple[str, str]:
    """Give cause and advice for a certificate that is not trusted, or TLS that is none."""
    if not isinstance(fault, ssl.SSLCertVerificationError):
        return f"TLS: the handshake with {whose} failed ({fault})", "check its port and TLS version"
    known = CERTIFICATE_FAULTS.get(fault.verify_code)
    wrong, advice = known or ("its certificate is not trusted", "check the certificate")
    return f"certificate of {whose}: {wrong} ({_verdict(fault)})", advice


def _verdict(fault: ssl.SSLCertVerificationError) -> str:
    return str(fault.verify_message).rstrip(".")


def login_advice(code: int) -> str:
    """Say what to do about a refused login."""
    return LOGIN_ADVICE.get(code, "check username, password and the rights of this account")


def shown_certificate(certificate: dict[str, Any] | None) -> str:
    """Give whom a certificate is for and until when it is valid."""
    if not certificate:
        return "no certificate"
    names = [value for _, value in certificate.get("subjectAltName", ())]
    subject = dict(pair for group in certificate.get("subject", ()) for pair in group)
    shown = subject.get("commonName") or ", ".join(names) or "no name"
    return clean_line(f"certificate for {shown}, valid until {certificate.get('notAfter', '?')}")
