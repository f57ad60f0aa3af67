"""The life of a conference, replayed into calendars that nobody here wrote."""
