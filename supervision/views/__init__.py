"""Pages of the exchange's operator and of regulators."""
