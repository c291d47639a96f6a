{#-
  The plan of vector_index_search with a bound vector contains the index scan. Without it the
  report would show the recall of a table scan.
-#}
{{ config(enabled=hartonomous.supports('explain')) }}
{{ hartonomous.index_scan_missing(ref('embeddings'), ref('vector_index_search')) }}
