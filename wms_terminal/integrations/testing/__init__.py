"""What whoever writes a channel tests it with; nothing here is used on the floor."""
