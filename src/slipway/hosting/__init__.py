"""Model servers: the hosting half of the container contract, for endpoints and batch transform."""
