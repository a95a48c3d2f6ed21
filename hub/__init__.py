"""The fabric: moves sealed envelopes between named nodes. It has never heard of a case."""
