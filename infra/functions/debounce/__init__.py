"""One execution of the pipeline for files that landed together."""
