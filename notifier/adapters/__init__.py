"""The world as the service sees it: Redis, SMTP, DNS and the folder of templates."""
