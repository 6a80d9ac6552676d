"""Configs: the schema, a strict loader with line numbers, scenarios, norms (cited data), and their display."""
