"""One question to name servers: over UDP, over TCP where the answer was cut, in turn, in time."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.rcode
from dns.message import Message

from notifier.core.network.resolved import NameServer, Unresolved, Why

# UDP loses packets: every server gets a second chance.
ROUNDS: Final = 2

# No answer without EDNS may be longer (RFC 1035 §4.2.1); longer ones come over TCP. Room for
# servers that do not keep to it (bytes).
_LARGEST: Final = 65_535

# A name that is not there is an answer too.
_ANSWERS: Final = {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}


async def asked(
    servers: Sequence[NameServer], query: Message, deadline: float
) -> Message | Unresolved:
    """Give the first answer that is one, or what was wrong with the last of the servers.

    `deadline` is a moment of the loop's clock; what is left until then is shared by the attempts
    to come.
    """
    fault = Unresolved(Why.NO_SERVER, "no name server is set on this machine")
    turns = [*servers] * ROUNDS
    for at, server in enumerate(turns):
        left = deadline - asyncio.get_running_loop().time()
        answer = await _attempt(server, query, left / (len(turns) - at))
        if isinstance(answer, Message):
            return answer
        fault = answer
    return fault


async def _attempt(server: NameServer, query: Message, seconds: float) -> Message | Unresolved:
    try:
        async with asyncio.timeout(seconds):
            answer = await _over_udp(server, query)
            if answer.flags & dns.flags.TC:
                answer = await _over_tcp(server, query)
    except TimeoutError:
        return Unresolved(Why.TIMED_OUT, f"{server} gave no answer")
    except (OSError, EOFError) as fault:
        said = getattr(fault, "strerror", None) or "it hung up"
        return Unresolved(Why.NO_SERVER, f"{server} cannot be asked: {said}")
    except dns.exception.DNSException as fault:
        return Unresolved(Why.BROKEN, f"{server} sent what is no answer: {_named(fault)}")
    return _judged(server, query, answer)


def _judged(server: NameServer, query: Message, answer: Message) -> Message | Unresolved:
    """Give an answer of use, or what the server says instead of one."""
    code = answer.rcode()
    if not query.is_response(answer):
        return Unresolved(Why.BROKEN, f"{server} answered another question")
    if code in _ANSWERS:
        return answer
    why = Why.REFUSED if code == dns.rcode.REFUSED else Why.FAILED
    return Unresolved(why, f"{server} said {dns.rcode.to_text(code)}")


async def _over_udp(server: NameServer, query: Message) -> Message:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        # Connected, it hears nobody else, and hears of a port where nobody listens.
        line.connect((server.address, server.port))
        await loop.sock_sendall(line, query.to_wire())
        while True:
            answer = _parsed(await loop.sock_recv(line, _LARGEST))
            # An answer with another number is a late one, or a guess (RFC 5452 §4).
            if answer.id == query.id:
                return answer


async def _over_tcp(server: NameServer, query: Message) -> Message:
    """Ask with two bytes of length before each message (RFC 1035 §4.2.2)."""
    reader, writer = await asyncio.open_connection(server.address, server.port)
    try:
        writer.write(query.to_wire(prepend_length=True))
        length = int.from_bytes(await reader.readexactly(2))
        return _parsed(await reader.readexactly(length))
    finally:
        writer.close()


def _parsed(wire: bytes) -> Message:
    # A cut answer is whole as far as it goes; what does not parse is no answer.
    return dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)


def _named(fault: dns.exception.DNSException) -> str:
    return str(fault) or type(fault).__name__
