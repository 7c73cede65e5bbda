"""The marketplace over HTTP, a module for each noun."""
