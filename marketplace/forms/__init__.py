"""Forms of the market, by noun."""
