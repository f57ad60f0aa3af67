"""What a reader's language says: times, durations, series, and which languages to try."""
