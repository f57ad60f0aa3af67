"""vobject, which Radicale and khal's friends read calendars with."""

import vobject


def findings(content: bytes) -> list[str]:
    """Give why vobject cannot read a calendar, or does not take it for a valid one."""
    try:
        vobject.readOne(content.decode("utf-8")).validate(raiseException=True)
    except Exception as fault:  # noqa: BLE001 - whatever it raises, it did not like the file
        return [str(fault) or type(fault).__name__]
    return []
