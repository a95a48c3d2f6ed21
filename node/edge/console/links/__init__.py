"""Links (链路): the tree of nodes, each link, parked words, invitations, keys and papers."""
