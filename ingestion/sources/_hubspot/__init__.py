"""What the source `hubspot` is made of: the tables it keeps, and the endpoints it asks."""
