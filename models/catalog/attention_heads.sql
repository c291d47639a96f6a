{{ hartonomous.only_where('vector') }}
{{ hartonomous.attention_heads() }}
