"""Tables, columns, keys, constraints and indexes: what is new in the schema, and how it is made."""
