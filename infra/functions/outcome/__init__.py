"""How a release to production ended is written down."""
