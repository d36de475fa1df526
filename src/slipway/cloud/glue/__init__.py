"""Glue: crawlers, and their tags. Records: no crawler runs."""
