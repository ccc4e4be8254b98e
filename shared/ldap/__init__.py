"""All that knows LDAP. Outside this package nobody imports ldap3 or writes an attribute name."""
