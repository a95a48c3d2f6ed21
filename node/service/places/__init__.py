"""Places: layers of geography as they are imported, looked up and shown.

``layers`` says what a row of each layer is; ``imports`` takes a file over, version by version;
``topology`` checks grids against one another; ``atlas`` resolves points; ``gazetteer`` resolves
words; ``records`` tells of components, grids and versions. ``Places`` is the room they form.
"""
