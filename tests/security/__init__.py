"""What a stranger may try, tried: hostile servers, events and templates; and no secret shown."""
