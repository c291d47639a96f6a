{#
  embed(text): the embedding of a text, (embedding FLOAT[hidden_size]), pooled and normalized as the
  model's own configuration says, cut at its max_seq_length.

  embed_table(relation_name, column_name): the same for every text of a column, (text_id, text,
  embedding), text_id counting the rows of the relation. One statement: its memory grows with the
  number of tokens, so give it a few hundred texts at a time (docs/guides/inference.md).

  T-SQL: sp_EmbedText, sp_EmbedTable.
#}
{% macro embed(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_EmbedText' ~ hartonomous.space_suffix(suffix), [{'name': 'text', 'type': 'text'}]) }}
    {{ adapter.dispatch('embed', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__embed(settings, weights) -%}
{%- set refusal = hartonomous.embedding_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['embedding']) }}
{%- else -%}
with recursive input_texts as (
    select cast(0 as bigint) as text_id, cast(text as varchar) as text
),

{{ hartonomous.embedding_ctes(settings, weights) }}

select cast(pooled.embedding as float[{{ settings.hidden_size }}]) as embedding
from pooled_texts as pooled
{%- endif %}
{%- endmacro %}

{% macro embed_table(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_EmbedTable' ~ hartonomous.space_suffix(suffix), [
        {'name': 'relation_name', 'type': 'key'},
        {'name': 'column_name', 'type': 'key'},
    ]) }}
    {{ adapter.dispatch('embed_table', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__embed_table(settings, weights) -%}
{%- set refusal = hartonomous.embedding_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['text_id', 'text', 'embedding']) }}
{%- else -%}
with recursive input_texts as materialized (
    select
        cast(row_number() over () - 1 as bigint) as text_id,
        cast(columns(lambda name: name = column_name) as varchar) as text
    from query_table(relation_name)
),

{{ hartonomous.embedding_ctes(settings, weights) }}

select
    given.text_id,
    given.text,
    cast(pooled.embedding as float[{{ settings.hidden_size }}]) as embedding
from input_texts as given
inner join pooled_texts as pooled
    on pooled.text_id = given.text_id
order by given.text_id
{%- endif %}
{%- endmacro %}

{# From CTE input_texts (text_id, text) to CTE pooled_texts (text_id, embedding). #}
{% macro embedding_ctes(settings, weights) -%}
{{ hartonomous.encode_ctes(hartonomous.tokenizer_settings(settings.tokenizer_id), 'input_texts', settings.max_tokens) }},

known_tokens as (
    select given.text_id, given.position, {{ hartonomous.known_token(settings, 'given') }} as token_id
    from encoded as given
),

{{ hartonomous.embedded_ctes(settings, weights, 'known_tokens') }},

{{ hartonomous.layers_ctes(settings, weights) }},

output_tokens as (
    select last.row_id, last.text_id, last.position, last.hidden
    from layers as last
    where last.layer = {{ settings.layers }}
),

pooled_texts as (
    {{ hartonomous.pooling(settings, '(' ~ hartonomous.final_hidden(settings, weights, 'output_tokens') ~ ')') | indent(4) }}
)
{%- endmacro %}

{# Why this model embeds no text: what model_settings says, its pooling, or its tokenizer. #}
{% macro embedding_refusal(settings) %}
    {% if not execute %}
        {% do return('') %}
    {% elif settings.refusal %}
        {% do return(settings.refusal) %}
    {% elif settings.pooling_refusal %}
        {% do return('the model ' ~ settings.name ~ ' cannot embed in SQL: ' ~ settings.pooling_refusal) %}
    {% endif %}
    {% do return(hartonomous.text_refusal(settings)) %}
{% endmacro %}

{% macro text_refusal(settings) %}
    {%- set tokenizer = hartonomous.tokenizer_settings(settings.tokenizer_id) -%}
    {% if not execute %}
        {% do return('') %}
    {% elif not settings.tokenizer_id %}
        {% do return('the model ' ~ settings.name ~ ' has no tokenizer: it was landed without tokenizer.json') %}
    {% elif tokenizer.refusal %}
        {% do return('the model ' ~ settings.name ~ ': ' ~ hartonomous.tokenizer_refusal(tokenizer)) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{% macro default__embed(settings, weights) %}
    {% do return(hartonomous.unsupported('embed')) %}
{% endmacro %}

{% macro default__embed_table(settings, weights) %}
    {% do return(hartonomous.unsupported('embed_table')) %}
{% endmacro %}
