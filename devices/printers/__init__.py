"""Printers: how a document gets out of one, and how far it is known to have come."""
