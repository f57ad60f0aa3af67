"""What a command raises when it cannot do what was asked; told by `telling.py`."""


class Failed(Exception):
    """What was asked cannot be done; the text says what was found and what to do."""
