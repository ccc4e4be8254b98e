"""Private instances of the servers around dialtree, for `dialtree demo` and for the tests. No service imports this."""
