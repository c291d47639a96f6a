{{ config(enabled=hartonomous.supports('vector')) }}
{{ hartonomous.attention_heads() }}
