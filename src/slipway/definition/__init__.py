"""The definition JSON (version 2020-12-01): model, parse, resolve, graph, lint. Pure."""
