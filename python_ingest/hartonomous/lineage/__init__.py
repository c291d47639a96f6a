"""Lineage as a graph: processors make nodes and edges, transports write them.

Processors are pure: :mod:`.from_inferences` (the log), :mod:`.from_catalog` (the tables) and
:mod:`.from_artifacts` (dbt). :mod:`.publish` passes what they yield to a transport: Bolt, a Cypher
or JSON file, OpenLineage. docs/guides/lineage.md tells how it is used.
"""
