"""Readers of model files: they check everything before memory is taken, and never unpickle."""
