"""Cells to tidy tables. Pure: Arrow in, Arrow out; no network, no disk, no clock."""
