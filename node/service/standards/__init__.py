"""Standards: lists of classes with a city's filing conditions, in editions; the crosswalk.

``views`` are rows as they are imported and shown, ``ports`` what the use case asks of the store,
``rows`` translates between tables and core, ``editing`` writes in an open transaction, ``bundle``
is an edition as a file, ``desk`` is the room that doors talk to (``office.standards``).
"""
