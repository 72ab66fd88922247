"""Scanners: how their codes are framed, read, and answered with a beep."""
