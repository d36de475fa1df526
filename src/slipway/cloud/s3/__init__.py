"""S3: objects as plain files, bucket configuration on the ground."""
