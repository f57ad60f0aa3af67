"""Where everything is kept in Redis: every key name is made here and nowhere else."""

import hashlib
from typing import Final

PREFIX: Final = "notifier:"

# The two streams of the contract, and the group that reads the first.
EVENTS: Final = PREFIX + "events"
REJECTED: Final = PREFIX + "rejected"
# STREAM the second while the rejected entries are copied, without those that were erased.
REJECTED_COPY: Final = PREFIX + "rejected:copy"
GROUP: Final = "notifier"

# ZSET event key -> when it was applied: the memory against doubles.
SEEN: Final = PREFIX + "seen"
# ZSET conference -> next reminder (unix seconds).
DUE: Final = PREFIX + "due"
# STRING token of whoever works through what is due, for as long as its lease runs.
DUE_TURN: Final = PREFIX + "due:turn"
# ZSET of notices to everyone that are still being spread -> since when; their cursors in a hash.
SPREADING: Final = PREFIX + "spreading"
CURSORS: Final = PREFIX + "spreading:cursors"

# The queue: what may go now by urgency, what may go later by time, what a worker was hinted at,
# and what a worker has claimed, both by the end of the lease (unix seconds).
READY: Final = PREFIX + "ready"
LATER: Final = PREFIX + "later"
HINTED: Final = PREFIX + "hinted"
LEASES: Final = PREFIX + "leases"

# ZSET worker that waits for work -> until when (unix seconds).
DOOR: Final = PREFIX + "door"

# ZSET digest of an address -> until when it gets no mail (unix seconds); in a hash what is known.
SUPPRESSIONS: Final = PREFIX + "suppressions"
SUPPRESSION_ENTRIES: Final = PREFIX + "suppressions:entries"

# STRING JSON of the IDs of somebody who is being erased, by digest; gone when they are.
ERASING: Final = PREFIX + "erasing:"

# STRING when the token bucket will be full again (unix milliseconds), where the rate is limited.
PACE: Final = PREFIX + "pace"
# HASH place of a mail server -> breaker (JSON); a server that works has no field.
ROADS: Final = PREFIX + "roads"
# HASH total:<minute> -> mails answered for good until then, refused:<road>:<minute> -> by policy.
REPUTATION: Final = PREFIX + "reputation"

# HASH of totals, raised in the same step as what they count.
COUNTERS: Final = PREFIX + "counters"
# STREAM of outcomes: d (delivery), s (the state that it came to). Exported, then trimmed.
LOG: Final = PREFIX + "log"
# STRING the place in that stream up to which some machine's export files hold everything.
EXPORTED: Final = PREFIX + "exported"
# HASH id, before (ids of ledgers that go on in this one): which ledger this is.
LEDGER: Final = PREFIX + "ledger"
# STRING run_id of the Redis process that somebody has looked at: without it nothing leaves.
PASS: Final = PREFIX + "pass"
# HASH since, reason, point: this may not be the latest state of the ledger, and nothing leaves.
QUARANTINE: Final = PREFIX + "quarantine"
# HASH revision, tables: the administrator's decisions.
SETTINGS: Final = PREFIX + "settings"
# STRING JSON of where the server is, as the listener finds it; kept for ever, and others may
# read it. revision: rises where anything but settings_revision is new, so compare this one;
# settings_revision: of the settings by which it was found, rises with each change of any setting;
# machine: the name of the one that was looked at; listen_on_all: as it is set; addresses: what is
# listened on, then the external ones, each with host, port, kind, interface, scope, and its place
# in tried or null; tried: host and port of what clients try, in order; web_url: where links lead.
NETWORK: Final = PREFIX + "network"
# ZSET notice -> when it was decided (unix seconds).
NOTICES: Final = PREFIX + "notices"
# SET of all conference ids.
CONFERENCES: Final = PREFIX + "conferences"
# STRING what asks for a walk over the due index in a hurry, until that walk has ended.
REINDEX: Final = PREFIX + "reindex"
# HASH the walk that compares the due index with what is known; its fields: `turn.lua`.
AUDIT: Final = PREFIX + "audit"
# ZSET source of events -> when it last spoke of an earlier revision than it had before.
BEHIND: Final = PREFIX + "behind"
# STRING the laws and rules that the due index was made by: version of the time zone database, and
# ours.
ZONES: Final = PREFIX + "zones"

# STRING when (unix seconds, by Redis) and what was found wrong with the clocks; gone soon after.
CLOCK: Final = PREFIX + "clock"

HEARTBEAT: Final = PREFIX + "heartbeat:"


def bell(worker: str) -> str:
    """LIST of what a worker at the door is told; gone as soon as it has heard."""
    return f"{PREFIX}door:{worker}"


def conference(conference_id: str) -> str:
    """HASH known (JSON), etag (of the last write), version (every change of the truth)."""
    return f"{PREFIX}conference:{conference_id}"


def untold(conference_id: str) -> str:
    """SET of marks of people on the list whose first letter has not left; absent means told.

    Its marks are numbers (`untold_marks.py`): a small set of numbers takes eight bytes for each.
    """
    return f"{PREFIX}untold:{conference_id}"


def members(conference_id: str) -> str:
    """HASH person key -> row (JSON)."""
    return f"{PREFIX}list:{conference_id}"


def notice(notice_id: str) -> str:
    """STRING JSON."""
    return f"{PREFIX}notice:{notice_id}"


def notice_deliveries(notice_id: str) -> str:
    """LIST of delivery ids."""
    return f"{PREFIX}notice:{notice_id}:deliveries"


def delivery(delivery_id: str) -> str:
    """HASH, fields named in `rows.py`; some are left to a notice that many share (`leaning.py`)."""
    return f"{PREFIX}delivery:{delivery_id}"


# Index entries are grouped by this many hex digits of the address's digest. A list costs 170 bytes
# before it holds anything: by four digits, as the version before grouped them, that was most of the
# index of a hundred thousand deliveries, and by three it is a tenth of an entry at a million.
_BUCKET_DIGITS: Final = 3
_FORMER_BUCKET_DIGITS: Final = 4
# So many further digits stand in an entry. They need not tell all addresses apart, for the row of a
# delivery says to whom it went: of a million deliveries one in 270 finds a stranger beside its own.
_TAIL_DIGITS: Final = 4


def address_place(address: str, delivery_id: str = "") -> tuple[str, str]:
    """Give where a delivery is found by its address: key of a LIST, and its entry there.

    Without a delivery it is what the entries of all deliveries to this address begin with; those to
    another address may begin so too.
    """
    digest = _digest(address)
    tail = digest[_BUCKET_DIGITS : _BUCKET_DIGITS + _TAIL_DIGITS]
    return f"{PREFIX}addressed:{digest[:_BUCKET_DIGITS]}", tail + delivery_id


def address_places(address: str, delivery_id: str = "") -> tuple[tuple[str, str], ...]:
    """Give where a delivery may be found by its address: here, or as the version before wrote it.

    The second goes when nobody keeps rows of that version any longer (`retention_days`).
    """
    digest = _digest(address)
    bucket, tail = digest[:_FORMER_BUCKET_DIGITS], digest[_FORMER_BUCKET_DIGITS:]
    former = f"{PREFIX}addressed:{bucket}", tail + delivery_id
    return address_place(address, delivery_id), former


def _digest(address: str) -> str:
    return hashlib.blake2b(address.lower().encode(), digest_size=8).hexdigest()
