"""Mail servers that take everything: Postfix's, and one of ours with TLS, delay and a memory."""
