"""Adapters to sales channels, carriers and mail: each one small module behind its port."""
