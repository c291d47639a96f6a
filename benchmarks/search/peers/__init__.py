"""The other ways to search that Hartonomous is measured beside, a file a family.

Each file names its classes in METHODS. A family whose package is not installed is left out and
said to be; benchmarks/search/requirements.txt has them all.
"""
