"""Judges that nobody here wrote: what they say of our mails, and whether they judge at all."""
