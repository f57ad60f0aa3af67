"""SQLite as Django drives it best: readers beside a writer, no wait for the disk at each row."""

DATABASE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "mails.sqlite3",
    "OPTIONS": {
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    },
}
