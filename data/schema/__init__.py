"""The statements of the schema's steps, a module for each."""
