"""Weights of the ensemble from what people said of its answers: ``hartonomous tune-ensemble``."""
