"""Looking at a certificate that was refused, to say whose it is and how long it was valid."""

import ssl


def onlooker() -> ssl.SSLContext:
    """Give a context that takes every certificate.

    For a connection on which nothing is said and nothing is believed: that the certificate is
    wrong is known by then, from a handshake that has checked it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
