"""One spider for each family of portals, on a common base."""
