"""A document beside what was read from it, so that a person can check a reading at a glance.

Belongs here: finding the document, drawing pages, laying readings over them. Does not belong here: reading; what is
shown is the very extraction that the tables are built from.
"""
