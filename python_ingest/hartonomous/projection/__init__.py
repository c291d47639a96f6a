"""3-D positions of embeddings: fitted on a sample, kept as data, applied to the rest."""
