"""Pages for citizens (``/public``): report, follow by number and code, rate, published tables.

Nobody logs in here. All of it is shut until the office opens it in its settings; what is shown of a
case is what the API's public door shows.
"""
