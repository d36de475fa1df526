"""The local AWS endpoint: state, services, router."""
