"""Getting work in and scores out: one module per system, and what they share to take files from strangers safely."""
