"""The shop's backend: what is for sale."""
