"""One folder a vendor: what its phones are told, and how it is written."""
