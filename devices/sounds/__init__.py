"""Sounds: a tone for each outcome, and a voice."""
