"""When conferences take place and when to remind: wall time, zones, rules."""
