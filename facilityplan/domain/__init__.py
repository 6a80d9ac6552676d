"""Kinds of facility and service, the rules' names, and the one table that declares every column."""
