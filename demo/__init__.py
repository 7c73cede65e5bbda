"""The demonstration: a story on real data, told through the same actions that API and pages use.

`python -m demo play` tells it on a fresh temporary database; `python -m demo run` tells it
once in var/ and then serves the site, the gateway and the workers until Ctrl-C.
"""
