"""Forms of the exchange's and the regulator's pages."""
