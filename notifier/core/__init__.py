"""What an event means and who hears of it: values in, values out, no clock, network, disk or environment."""
