"""A name server on this machine that tells what a test wants, or misbehaves as a test wants.

It reads and writes real messages over UDP and TCP, and runs in threads of its own, so that commands
that run as processes can ask it too.
"""

import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from enum import Enum, auto
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

# No chain of aliases is told further than that.
LONGEST_CHAIN = 16


class Habit(Enum):
    """What the server does when it is asked for one name, instead of answering."""

    SILENT = auto()
    FAILS = auto()
    REFUSES = auto()
    CUTS = auto()  # over UDP; over TCP it answers
    CUTS_AND_HANGS_UP = auto()
    TELLS_OF_ANOTHER = auto()
    ANSWERS_ANOTHER_QUESTION = auto()
    GUESSES_FIRST = auto()  # an answer with a wrong number comes before the right one
    BABBLES = auto()
    LEAVES_ALIASES = auto()  # tells the alias and leaves its addresses to be asked for
    FORGETS_ONCE = auto()
    SILENT_FOR_IPV6 = auto()


class Names:
    """A name server on 127.0.0.1; `with Names({"a.test A": ["192.0.2.1"]}) as names:`."""

    def __init__(
        self,
        zone: Mapping[str, Sequence[str]] | None = None,
        habits: Mapping[str, Habit] | None = None,
    ) -> None:
        self.zone = dict(zone or {})
        self.habits = dict(habits or {})
        self.asked: list[str] = []
        self.mangles: Callable[[bytes], bytes] = bytes
        self.port = 0
        self._open = ExitStack()

    @property
    def variable(self) -> str:
        """What NOTIFIER_DNS is for this server."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> "Names":
        udp, tcp = self._bound()
        for server in (udp, tcp):
            self._open.callback(server.server_close)
            self._open.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _bound(self) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
        """Give both servers on one port: UDP has the choice, TCP must find the same one free."""
        names = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                wire, line = self.request
                for answer in names.answers(wire, over_tcp=False):
                    line.sendto(answer, self.client_address)

        class Tcp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                length = int.from_bytes(_exactly(self.request, 2))
                for answer in names.answers(_exactly(self.request, length), over_tcp=True):
                    self.request.sendall(len(answer).to_bytes(2) + answer)

        while True:
            udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Udp)
            self.port = udp.server_address[1]
            try:
                return udp, socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Tcp)
            except OSError:
                udp.server_close()

    def answers(self, wire: bytes, *, over_tcp: bool) -> list[bytes]:
        """Give the messages that go back for this one."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype
        self.asked.append(f"{name} {dns.rdatatype.to_text(kind)} {'TCP' if over_tcp else 'UDP'}")
        habit = self.habits.get(name)
        if habit is Habit.SILENT or (habit is Habit.SILENT_FOR_IPV6 and kind == RdataType.AAAA):
            return []
        if habit is Habit.FORGETS_ONCE and self.asked.count(self.asked[-1]) == 1:
            return []
        if habit is Habit.BABBLES:
            return [query.id.to_bytes(2) + b"\x80\x00 what?"]
        return self._messages(query, habit, over_tcp=over_tcp)

    def _messages(
        self, query: dns.message.Message, habit: Habit | None, *, over_tcp: bool
    ) -> list[bytes]:
        answer = self._answer(query, follows=habit is not Habit.LEAVES_ALIASES)
        question = query.question[0]
        match habit:
            case Habit.FAILS:
                return [_only(query, dns.rcode.SERVFAIL)]
            case Habit.REFUSES:
                return [_only(query, dns.rcode.REFUSED)]
            case Habit.CUTS | Habit.CUTS_AND_HANGS_UP if not over_tcp:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
            case Habit.CUTS_AND_HANGS_UP:
                return []
            case Habit.TELLS_OF_ANOTHER:
                answer.answer = [dns.rrset.from_text("other.test.", 60, "IN", "A", "192.0.2.66")]
            case Habit.ANSWERS_ANOTHER_QUESTION:
                answer.question = [
                    dns.rrset.RRset(dns.name.from_text("other.test"), RdataClass.IN, RdataType.A)
                ]
            case Habit.GUESSES_FIRST:
                guess = dns.message.make_response(query)
                guess.id = query.id ^ 1
                lie = dns.rrset.from_text(question.name, 60, "IN", "A", "192.0.2.66")
                guess.answer = [lie]
                return [guess.to_wire(), answer.to_wire()]
            case _:
                pass
        return [self.mangles(answer.to_wire(max_size=65_535))]

    def _answer(self, query: dns.message.Message, *, follows: bool) -> dns.message.Message:
        answer = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        at, kind = (
            question.name.to_text(omit_final_dot=True),
            dns.rdatatype.to_text(question.rdtype),
        )
        for _ in range(LONGEST_CHAIN):
            if records := self.zone.get(f"{at} {kind}"):
                answer.answer.append(dns.rrset.from_text_list(f"{at}.", 60, "IN", kind, records))
                break
            alias = self.zone.get(f"{at} CNAME")
            if not alias:
                break
            answer.answer.append(dns.rrset.from_text_list(f"{at}.", 60, "IN", "CNAME", alias))
            at = alias[0].rstrip(".")
            if not follows:
                return answer
        if not any(each.split()[0] == at for each in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def _only(query: dns.message.Message, code: dns.rcode.Rcode) -> bytes:
    answer = dns.message.make_response(query)
    answer.set_rcode(code)
    return answer.to_wire()


def _exactly(line: Any, length: int) -> bytes:
    found = b""
    while len(found) < length:
        piece = line.recv(length - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found
