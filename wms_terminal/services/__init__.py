"""Stations as state machines, and the use cases behind the commands."""
