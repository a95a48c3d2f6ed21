"""Any JSON over HTTP work-order system, described by a mapping."""
