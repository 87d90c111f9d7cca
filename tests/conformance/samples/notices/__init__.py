"""Public notices: a small section as a vendor writes one."""
