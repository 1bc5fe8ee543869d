"""Formats of the report: a comparison in, text out."""
