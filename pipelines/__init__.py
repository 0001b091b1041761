"""Wires crawling, extraction and transformation together. No logic about pages, forms or tables belongs here."""
