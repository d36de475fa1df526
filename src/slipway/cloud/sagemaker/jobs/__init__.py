"""Jobs: processing, training, batch transform."""
