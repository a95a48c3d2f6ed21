"""The living page of the design system, for those who build pages."""
