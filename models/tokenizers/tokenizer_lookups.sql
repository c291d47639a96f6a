{{ hartonomous.only_where('lists') }}
{{ config(materialized='table') }}
{{ tokenizer_lookups() }}
