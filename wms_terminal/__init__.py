"""Warehouse terminal: from a paid order to a shipped parcel, scan by scan."""

__version__ = "0.1.0"
