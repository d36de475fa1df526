"""Small constructs, where the CDK has none or needs a word more."""
