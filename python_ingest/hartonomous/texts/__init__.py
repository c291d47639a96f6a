"""Texts: read from files, identified by content, embedded, compared with held-out queries."""
