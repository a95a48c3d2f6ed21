"""``wanmi demo``: a whole federation on loopback lives one bad day, and says whether it held.

Everything is real: processes, mTLS, NATS, SQLite, legacy systems in processes of their own. The
demo is a user of the command line and of the REST API, nothing more; the verdict reads the
databases from outside.
"""

from node.cli.demo.story import run

__all__ = ["run"]
