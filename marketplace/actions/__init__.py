"""Writes of the marketplace, a module for each noun; one verb, one transaction, one event."""
