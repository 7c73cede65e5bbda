"""The half of the exchange that strangers hold: fingerprints, proofs, keys, command line.

Pure library: no framework, no database, no network except `tallystick.client`.
Whatever server and stranger must compute alike is written here once.
"""

__version__ = "0.1.0"
