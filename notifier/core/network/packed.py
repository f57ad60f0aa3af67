"""Addresses with their ports, packed into few bytes, and taken out again.

The bytes are read as a row of bits, the most significant bit of the first byte first. What is said
of numbers holds for all: unsigned, most significant bit first.

    4 bits   how many addresses there are, less one
    then each address, in the order in which a client should try them:
    2 bits   its kind: 0 IPv4, 1 IPv6, 2 a name, 3 a name whose end was there before
    1 bit    0: its port is 4307; 1: the port stands at its end, in 16 bits
    then the address itself, and then its port
    then 0 to 7 bits, all 0, which fill the last byte

IPv4: 32 bits.

IPv6: 4 bits say how many of its eight groups of 16 bits, from the front, are those of the IPv6
address before it in the row (of `::` for the first). Each of the others is a bit 0 where the group
is zero, else a bit 1 and its 16 bits.

A name: in lower case, A-labels (RFC 5891), no dot at its end. Its signs are numbered: `a` to `z` 1
to 26, `0` to `9` 27 to 36, `-` 37, `.` 38, `_` 39, and 0 is the end. Three signs x, y, z are 16
bits that hold x·1600 + y·40 + z. The name is followed by one, two or three ends, which fill its
last 16 bits.

A name whose end was there before: what stands before that end, written like a name (nothing, for
the whole of it); 4 bits that say which of the addresses has the end, the first being 0, which is a
name; 3 bits that say how many of its labels are the end, less one. The two are joined by a dot,
unless nothing stands before.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import takewhile
from typing import Final

from notifier.core.network.hosts import Address, address_of, check_host, plain_host
from notifier.core.network.network import Endpoint

# So many addresses can be counted in four bits.
MOST_ADDRESSES: Final = 16

# The port that costs nothing (R39), whatever this server's own may be.
USUAL_PORT: Final = 4307

_SIGNS: Final = "\0abcdefghijklmnopqrstuvwxyz0123456789-._"
_GROUPS: Final = 8  # of an IPv6 address
_MOST_SHARED_LABELS: Final = 8  # what three bits count
_IPV4, _IPV6, _WHOLE, _SHARING = range(4)


def tidy(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Give the addresses in their one form each, without doubles."""
    one_form = (Endpoint(host=plain_host(each.host), port=each.port) for each in endpoints)
    return tuple(dict.fromkeys(one_form))


def check_elsewhere(endpoints: Sequence[Endpoint]) -> None:
    """Raise ValueError, which names it, where one is nothing that another machine could reach.

    Settings that are older than the checks of hosts may hold such addresses.
    """
    for each in endpoints:
        check_host(each.host)
        if "%" in each.host:
            raise ValueError(f"{each.host!r} names an interface, which only its own machine knows")


def packed(endpoints: Sequence[Endpoint]) -> bytes:
    """Give the bytes of 1 to 16 tidy addresses."""
    names: list[str] = []
    before = IPv6Address(0)
    bits = _bits(len(endpoints) - 1, 4)
    for each in endpoints:
        address = address_of(each.host)
        names.append("" if address else each.host)
        kind, body = _name(names) if address is None else _number(address, before)
        before = address if isinstance(address, IPv6Address) else before
        bits += _bits(kind, 2) + _with_port(body, each.port)
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")


def unpacked(content: bytes) -> tuple[Endpoint, ...]:
    """Give the addresses that were packed into `content`; raises ValueError where none were."""
    bits = _Bits(content)
    found: list[Endpoint] = []
    before = IPv6Address(0)
    for _ in range(bits.number(4) + 1):
        kind, has_port = bits.number(2), bits.number(1)
        if kind == _IPV4:
            host = str(IPv4Address(bits.number(32)))
        elif kind == _IPV6:
            before = _read_ipv6(bits, before)
            host = str(before)
        else:
            host = _read_name(bits, found if kind == _SHARING else None)
        found.append(Endpoint(host=host, port=_read_port(bits) if has_port else USUAL_PORT))
    bits.end()
    return tuple(found)


# ---- writing ---------------------------------------------------------------------------------


def _bits(number: int, width: int) -> str:
    return f"{number:0{width}b}"


def _with_port(body: str, port: int) -> str:
    return "0" + body if port == USUAL_PORT else "1" + body + _bits(port, 16)


def _number(address: Address, before: IPv6Address) -> tuple[int, str]:
    """Give the kind of an address and its bits; `before` is the IPv6 address that came last."""
    if isinstance(address, IPv4Address):
        return _IPV4, _bits(int(address), 32)
    pairs = list(zip(_groups(address), _groups(before), strict=True))
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    rest = ("1" + _bits(group, 16) if group else "0" for group, _ in pairs[shared:])
    return _IPV6, _bits(shared, 4) + "".join(rest)


def _groups(address: IPv6Address) -> list[int]:
    return [int(address) >> 16 * at & 0xFFFF for at in reversed(range(_GROUPS))]


def _name(names: Sequence[str]) -> tuple[int, str]:
    """Give the kind of the last name and its bits, whichever way takes fewer of them.

    The names before it stand at the places of their addresses; an empty one is no name.
    """
    *earlier, name = names
    whole = (_WHOLE, _spelt(name))
    shares = [(_shared_labels(name, each), -at) for at, each in enumerate(earlier)]
    shared, place = max(shares, default=(0, 0))
    if not shared:
        return whole
    own = ".".join(name.split(".")[:-shared])
    sharing = (_SHARING, _spelt(own) + _bits(-place, 4) + _bits(shared - 1, 3))
    return min(whole, sharing, key=lambda each: len(each[1]))


def _shared_labels(name: str, other: str) -> int:
    pairs = zip(reversed(name.split(".")), reversed(other.split(".")), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return min(shared, _MOST_SHARED_LABELS)


def _spelt(text: str) -> str:
    """Give the bits of a text of signs, its end behind it."""
    numbers = [_SIGNS.index(sign) for sign in text]
    numbers += [0] * (3 - len(numbers) % 3)
    threes = zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
    return "".join(_bits(x * 1600 + y * 40 + z, 16) for x, y, z in threes)


# ---- reading ---------------------------------------------------------------------------------


class _Bits:
    """A row of bits that is read from its front."""

    def __init__(self, content: bytes) -> None:
        self._left = "".join(_bits(byte, 8) for byte in content)

    def number(self, width: int) -> int:
        """Take the number of the next bits; raises ValueError where there are fewer."""
        taken, self._left = self._left[:width], self._left[width:]
        if len(taken) < width:
            raise ValueError("the bytes end too early")
        return int(taken, 2)

    def end(self) -> None:
        """Raise ValueError where more is left than what fills a byte."""
        if len(self._left) > 7 or "1" in self._left:
            raise ValueError("the bytes do not end where the addresses do")


def _read_ipv6(bits: _Bits, before: IPv6Address) -> IPv6Address:
    shared = bits.number(4)
    groups = _groups(before)[:shared]
    groups += [bits.number(16) if bits.number(1) else 0 for _ in range(_GROUPS - shared)]
    return IPv6Address(sum(group << 16 * at for at, group in enumerate(reversed(groups))))


def _read_name(bits: _Bits, earlier: Sequence[Endpoint] | None) -> str:
    """Read a name; `earlier` are the addresses one of which has its end, if it shares one."""
    own = "".join(_read_signs(bits))
    end = [] if earlier is None else _read_end(bits, earlier)
    name = ".".join(filter(None, (own, *end)))
    check_host(name)
    if address_of(name):
        raise ValueError("the bytes hold an address that is written like a name")
    return name


def _read_end(bits: _Bits, earlier: Sequence[Endpoint]) -> list[str]:
    """Read which labels of which name are the end of this one."""
    place, shared = bits.number(4), bits.number(3) + 1
    if place >= len(earlier):
        raise ValueError("the bytes point at a name that is not there")
    return earlier[place].host.split(".")[-shared:]


def _read_signs(bits: _Bits) -> Iterator[str]:
    while True:
        high, z = divmod(bits.number(16), 40)
        x, y = divmod(high, 40)
        if x >= 40:
            raise ValueError("the bytes hold a sign that is none")
        ended = takewhile(lambda number: number, (x, y, z))
        yield from (_SIGNS[number] for number in ended)
        if not z:
            return


def _read_port(bits: _Bits) -> int:
    port = bits.number(16)
    if not port:
        raise ValueError("the bytes hold the port 0")
    return port
