"""Entries: whose calendar holds one of a conference, by the letters that were to bring it."""

from notifier.core.life import Known, Member


def has_entry(member: Member, known: Known) -> bool:
    """Tell whether somebody on the list was sent the calendar entry of the present life.

    By a letter to everyone after they joined, or by that of joining. Whoever joined before this
    life began in silence, or while such letters were switched off, was not (calendar §1.1).
    """
    joined_with_it = member.told >= known.born and not member.without_entry
    return joined_with_it or known.asked > member.told
