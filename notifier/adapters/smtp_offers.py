"""What a mail server said it can do."""

import msgspec


class Offers(msgspec.Struct, frozen=True):
    """What the server said it can do (EHLO)."""

    pipelining: bool = False
    eight_bit: bool = False
    smtputf8: bool = False
    size_announced: bool = False
    size_limit: int | None = None  # bytes; None: no fixed limit (RFC 1870 §3)

    @classmethod
    def read(cls, extensions: dict[str, str]) -> "Offers":
        """Read the EHLO keywords (in lower case) and their parameters."""
        limit = extensions.get("size", "").strip()
        return cls(
            pipelining="pipelining" in extensions,
            eight_bit="8bitmime" in extensions,
            smtputf8="smtputf8" in extensions,
            size_announced="size" in extensions,
            size_limit=int(limit) or None if limit.isascii() and limit.isdigit() else None,
        )
