"""The Celery side: each task and each loop calls one method of the service."""
