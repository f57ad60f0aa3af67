"""The timetable: what is called again and again, and the clock-safe scheduler that calls it."""
