"""The history of one answer as a picture: ``hartonomous explain INFERENCE --html``."""
