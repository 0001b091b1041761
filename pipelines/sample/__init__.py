"""Sample portals on loopback: reports drawn from facts, served the way government portals serve them.

Belongs here: facts (figures and a few words), writers (HTML, DOCX, text), the server. Does not belong here: any reading
of reports. Nothing in this package imports a reader, so that it stays an independent witness in tests.
"""
