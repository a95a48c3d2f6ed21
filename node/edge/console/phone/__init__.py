"""The collector's phone (城管通): one page that is kept on the phone and works without a network.

The page holds nothing of anybody. What it shows and sends it asks of the API, as whoever is logged
in; what could not be sent yet lies on the phone, in order.
"""
