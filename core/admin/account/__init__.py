"""One's own account: password and second factor, sessions, and the links on which both begin."""
