"""A unit without a system: people answer through a form behind a one-time link."""
