"""Maps: vector tiles of what the node itself knows, and lists of what lies in a piece of them.

``ground`` draws grids and the divisions they make up, ``pins`` the cases of one moment; ``room`` is
the use case, with what was drawn kept for the next who asks.
"""
