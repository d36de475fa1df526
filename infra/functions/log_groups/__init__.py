"""Custom resource: the log groups that AWS's services make on their own."""
