{#
  The forward pass over whole texts, as CTEs of one WITH RECURSIVE:

  embedded_ctes(settings, weights, tokens)   tokens (text_id, position, token_id) -> `embedded`
                                             (row_id, text_id, position, token_id, hidden)
  layers_ctes(settings, weights)             `embedded` -> recursive CTE `layers` (layer, row_id,
                                             text_id, position, hidden), layer the number of layers
                                             that are done: 0 is what goes in, N what comes out
  final_hidden(settings, weights, input)     SELECT (row_id, text_id, position, hidden) with the
                                             final norm, gain and bias: what transformers calls
                                             last_hidden_state
#}
{% macro embedded_ctes(settings, weights, tokens='encoded') -%}
summed_embeddings as materialized (
    select
        cast(row_number() over (order by given.text_id, given.position) - 1 as integer) as row_id,
        given.text_id,
        cast(given.position as integer) as position,
        given.token_id,
        {%- if settings.positions == 'learned' %}
        cast(
            list_transform(
                list_zip(cast(token.embedding as float[]), cast(place.embedding as float[])),
                lambda pair: pair[1] + pair[2]
            ) as float[]
        ) as hidden
        {%- else %}
        cast(token.embedding as float[]) as hidden
        {%- endif %}
    from {{ tokens }} as given
    inner join {{ weights.token_embeddings }} as token
        on token.token_id = given.token_id
    {%- if settings.positions == 'learned' %}
    inner join {{ weights.position_embeddings }} as place
        on place.position = given.position
    {%- endif %}
),

embedded as materialized (
{%- if settings.is_pre_norm %}
    select row_id, text_id, position, token_id, hidden
    from summed_embeddings
{%- else %}
    select summed.row_id, summed.text_id, summed.position, summed.token_id, normal.normed as hidden
    from summed_embeddings as summed
    inner join (
        {{ hartonomous.normalize(settings, 'summed_embeddings', 'hidden') | indent(8) }}
    ) as normal
        on normal.row_id = summed.row_id
{%- endif %}
)
{%- endmacro %}

{#
  known_token(settings, token): the token_id of a relation's alias, or an error where the model has no
  embedding for it: it would be lost in the join of embedded_ctes, and the answer be that of another
  text. An expression, since a filter may run after the join's own.
#}
{% macro known_token(settings, token) -%}
case
        when {{ token }}.token_id >= {{ settings.vocabulary_size }}
            then cast(error(
                'the tokenizer gives token ' || {{ token }}.token_id
                || ', and the model has embeddings for {{ settings.vocabulary_size }}'
            ) as integer)
        when {{ token }}.position >= {{ settings.max_positions }}
            then cast(error(
                'a token stands at position ' || {{ token }}.position
                || ', and the model reads {{ settings.max_positions }} at most'
            ) as integer)
        else {{ token }}.token_id
    end
{%- endmacro %}

{% macro layers_ctes(settings, weights, last_layer=none) -%}
layers as (
    select 0 as layer, embedded.row_id, embedded.text_id, embedded.position, embedded.hidden
    from embedded

    union all

    (
        with current_tokens as materialized (
            select done.layer, done.row_id, done.text_id, done.position, done.hidden
            from layers as done
            where done.layer < {{ settings.layers if last_layer is none else 'least(' ~ settings.layers ~ ', ' ~ last_layer ~ ')' }}
        ),

        {{ hartonomous.layer_ctes(settings, weights) | indent(8) }}

        select this_layer.layer + 1, done.row_id, done.text_id, done.position, done.hidden
        from layer_output as done
        cross join this_layer
    )
)
{%- endmacro %}

{% macro final_hidden(settings, weights, input) -%}
select
    token.row_id,
    token.text_id,
    token.position,
    cast(
        list_transform(list_zip(token.normed, norm.gain, norm.bias), lambda term: term[1] * term[2] + term[3])
        as float[]
    ) as hidden
from (
{%- if settings.is_pre_norm %}
    {{ hartonomous.normalize(settings, input, 'hidden') | indent(4) }}
{%- else %}
    select given.row_id, given.text_id, given.position, given.hidden as normed
    from {{ input }} as given
{%- endif %}
) as token
inner join {{ weights.norms }} as norm
    on norm.place = 'final'
{%- endmacro %}

{#
  refuse(settings, columns): the body of a callable whose model cannot be run: calling it raises the
  reason. A database with such a model still builds.
#}
{% macro refuse(message, columns) -%}
select
    {%- for column in columns %}
    null as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
where error({{ hartonomous.text_literal(message) }}) is not null
{%- endmacro %}
