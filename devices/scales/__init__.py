"""Scales: what each protocol asks and answers, and when a weight counts."""
