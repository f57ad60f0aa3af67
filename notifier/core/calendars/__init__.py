"""Calendar entries (RFC 5545, RFC 5546) and their defects."""
