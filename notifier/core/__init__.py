"""What an event means and who hears of it: values in, values out, nothing of the world."""
