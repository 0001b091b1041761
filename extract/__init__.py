"""Archived bytes to cells with provenance. Pure: no network, no disk, no clock.

`extract.readers` know file formats and nothing of the law; `extract.forms` know the statutory forms and nothing of
file formats. The two meet in `extract.model`. Nothing here imports another package of this project.
"""
