"""The gateway: a WSGI callable that authorises, meters and delivers, without Django.

What answers requests (`application` and what it imports) knows only this folder, the
policy profile and the spool. What talks to the database (`worker` and `loading`) runs in
threads of its own and hands over snapshots, leases and tables of rows.
"""
