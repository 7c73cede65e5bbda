"""Writes of the contracts room, a module for each noun; one verb, one transaction, one event."""
