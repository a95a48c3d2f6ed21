"""Real processes under faults: a small federation, bad lines, dying processes, and an account.

``python -m tests.chaos --minutes 10 --seed 7`` builds a city, two districts, two streets and a unit
with its own system; nodes on SQLite and on PostgreSQL, real gRPC links and a real nats-server; lets
people (REST and command line) do every verb at once while a schedule drawn from the seed cuts,
slows and resets lines, kills and stops processes, fills a disk, wipes the mailboxes; then heals
everything, waits until nothing is under way any more, and holds what clients were answered against
all databases, mailboxes, logs and the unit's own books.
"""
