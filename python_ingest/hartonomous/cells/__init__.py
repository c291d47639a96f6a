"""Cells and codes: what is learned from a sample of a space so that SQL can search all of it.

Cells are k-means centroids (:mod:`.kmeans`), codes a few bits a dimension (:mod:`.coding`). Both
are landed as rows by :mod:`hartonomous.landing.cells`; assigning rows and coding them is SQL.
"""
