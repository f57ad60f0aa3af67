"""Values for looking at a letter before there is anything to tell: one conference, one call."""

from typing import Final

from notifier.core.variables import TIMED, VARIABLES

# Times and words are those of the reader's language; names stay as their bearers write them.
_SAID: Final[dict[str, dict[str, str]]] = {
    "en": {
        "conf_name": "Quarterly review",
        "conf_description": "Numbers of the third quarter, plans for the fourth.\n"
        "Please bring your questions.",
        "start_time": "Monday, December 7, 2026, 3:00\u202fPM (Europe/Paris, UTC+01:00)",
        "end_time": "4:30\u202fPM",
        "duration": "1 hour, 30 minutes",
        "recurrence": "every week on Monday at 3:00\u202fPM (Europe/Paris)",
        "previous_start_time": "Friday, December 4, 2026, 10:00\u202fAM (Europe/Paris, UTC+01:00)",
        "time_left": "in 15 minutes",
        "missed_call_time": "Monday, December 7, 2026, 2:05\u202fPM (Europe/Paris, UTC+01:00)",
        "restart_time": "Monday, December 7, 2026, 2:05\u202fPM (Europe/Paris, UTC+01:00)",
        "restart_reason": "internal error",
    },
    "fr": {
        "conf_name": "Revue trimestrielle",
        "conf_description": "Les chiffres du troisième trimestre, les projets du quatrième.\n"
        "Vos questions sont les bienvenues.",
        "start_time": "lundi 7 décembre 2026 à 15:00 (Europe/Paris, UTC+01:00)",
        "end_time": "16:30",
        "duration": "1 heure et 30 minutes",
        "recurrence": "chaque semaine le lundi à 15:00 (Europe/Paris)",
        "previous_start_time": "vendredi 4 décembre 2026 à 10:00 (Europe/Paris, UTC+01:00)",
        "time_left": "dans 15 minutes",
        "missed_call_time": "lundi 7 décembre 2026 à 14:05 (Europe/Paris, UTC+01:00)",
        "restart_time": "lundi 7 décembre 2026 à 14:05 (Europe/Paris, UTC+01:00)",
        "restart_reason": "erreur interne",
    },
}
_ALIKE: Final[dict[str, str]] = {
    "caller_display_name": "Anna Keller",
    "caller_call_id": "anna@conf.example.com",
    "recipient_display_name": "Boris Petit",
    "recipient_email": "boris@example.org",
    "user_display_name": "Boris Petit",
    "conf_id": r"\c\df0a2adebe",
    "conf_url": "https://conf.example.com/c/df0a2adebe",
    "conf_url_app_join": "https://conf.example.com/c/df0a2adebe#app=1",
    "conf_unique_link": "https://conf.example.com/c/df0a2adebe?p=5Yq0vTn2",
    "owner_name": "Anna Keller",
    "owner_email": "anna@example.com",
    "owner_mobile_phone": "+33 6 12 34 56 78",
    "owner_work_phone": "+33 1 23 45 67 80",
    "owner_home_phone": "+33 1 23 45 67 81",
    "owner_sip_number": "4711",
    "time_zone": "Europe/Paris",
    "server_name": "Example Conferences",
    "server_url": "https://conf.example.com",
    "admin_name": "Chris Moreau",
    "admin_email": "admin@example.com",
    "admin_phone": "+33 1 23 45 67 89",
    "restart_details": "core-eu-1: out of memory in the mixer\nincident 2026-12-07/1",
}

# Only these people have a link of their own.
_PERSONAL: Final = frozenset({"registration"})


def sample_variables(kind: str, language: str, *, room: bool = False) -> dict[str, str]:
    """Give a value for each variable of `kind`, in `language` where it is at hand, else English.

    With `room`, those of a virtual room, which has no date and time.
    """
    base = language.replace("-", "_").split("_")[0]
    said = _ALIKE | _SAID["en"] | _SAID.get(base, {})
    empty = (TIMED if room else frozenset()) | (
        frozenset() if kind in _PERSONAL else {"conf_unique_link"}
    )
    return {name: "" if name in empty else said[name] for name in VARIABLES[kind]}
