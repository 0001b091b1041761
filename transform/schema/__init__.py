"""The declaration of every column and table, and what derives from it."""
