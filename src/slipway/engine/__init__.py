"""One execution: a pure state machine, and a driver that turns its decisions into API calls."""
