"""Subscriptions: whoever wants is told by mail of what a site publishes."""
