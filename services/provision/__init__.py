"""The provision service: renders the files that a phone fetches when it boots."""
