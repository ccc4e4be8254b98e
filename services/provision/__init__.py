"""Renders the files that a phone fetches when it boots. Never imports the directory service."""
