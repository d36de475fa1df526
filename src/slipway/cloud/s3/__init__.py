"""S3: objects as plain files, their index in SQLite, bucket configuration on the ground."""
