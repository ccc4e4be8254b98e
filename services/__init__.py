"""The two services and the command that runs them."""
