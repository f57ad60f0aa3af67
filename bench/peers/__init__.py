"""The others and we, side by side: the same mails to the same sink, on one machine, in one run."""
