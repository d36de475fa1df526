"""Custom resource: an asset that is unpacked below a prefix of a bucket."""
