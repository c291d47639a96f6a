"""The parts of the catalogue, each as nodes and edges: :func:`..from_catalog.from_catalog`."""
