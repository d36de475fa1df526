"""The training job: a BERT-family encoder and a classifier's head, from TFRecord to SavedModel."""
