"""The floor both services stand on: configuration, LDAP, the mirror, the web base. It knows no service."""
