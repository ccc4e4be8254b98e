"""From hand-written Asterisk and phone files to LDIF: read, compare with what dialtree would render, write, report."""
