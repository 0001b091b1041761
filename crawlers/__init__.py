"""From portal to archived bytes: HTTP, site families, the raw store and the ledger.

Belongs here: asking politely, telling a report link from its neighbours, keeping bytes and the record of every request.
Does not belong here: reading a report, tables, regions. This package imports nothing else of the project.
"""
