"""The administrator's pages and the HTTP interface."""
