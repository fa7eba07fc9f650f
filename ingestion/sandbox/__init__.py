"""The sandbox company: a simulated B2B company and one local server that speaks every vendor's contract."""
