"""Code that a lesson hands to the learner, importable so that a graded answer can rely on it. One module per lesson."""
