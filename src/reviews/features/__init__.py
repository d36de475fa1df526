"""The features job: from review files to tokens, split for training, validation and test."""
