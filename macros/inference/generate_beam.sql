{#
  generate_beam(prompt, max_tokens, beams): the continuation that beam search finds, as generate()
  gives one: (seq, token_id, token, log_probability, generated_text). The search is that of
  transformers' generate(num_beams=beams): no length penalty but the division by the length, no early
  stopping; a finished text is kept where it is among the first `beams` of its round.

  One statement, as in generate.sql. A node is a token in the tree of continuations: nodes of the
  prompt first, then `beams` a round. A beam knows its path of nodes; the cache holds keys and values
  a node, so that nothing is copied when beams part. Row (layer, node) as in generate.sql; row
  (-1, -1) holds the finished texts so far.

  T-SQL: sp_GenerateBeam.
#}
{% macro generate_beam(model=none, suffix='language') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_GenerateBeam' ~ hartonomous.callable_suffix(suffix), [
        {'name': 'prompt', 'type': 'text'},
        {'name': 'max_tokens', 'type': 'int', 'default': 20},
        {'name': 'beams', 'type': 'int', 'default': 4},
    ]) }}
    {{ adapter.dispatch('generate_beam', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__generate_beam(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['seq', 'token_id', 'token', 'log_probability', 'generated_text']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'prompt', [
    hartonomous.minimum_check('max_tokens', 0), hartonomous.minimum_check('beams', 1),
]) }},

prompt_length as materialized (
    select
        prompt_tokens.tokens,
        -- the last token that is chosen needs no position of its own
        least(max_tokens, {{ settings.max_positions }} + 1 - prompt_tokens.tokens) as max_new_tokens
    from (select cast(count(*) as integer) as tokens from embedded) as prompt_tokens
),

{{ hartonomous.beam_search_cte(settings, weights) }},

best_text as materialized (
    select control.finished[1] as text
    from beam_search as control
    where control.layer = -1
),

new_tokens as materialized (
    select written.seq, written.token_id, written.log_probability
    from (
        select
            unnest(range(1, len(best_text.text.tokens) + 1))::integer as seq,
            unnest(best_text.text.tokens) as token_id,
            unnest(best_text.text.log_probabilities) as log_probability
        from best_text
    ) as written
    where not {{ hartonomous.is_end_token(settings, 'written.token_id') }}
),

{{ hartonomous.written_text_ctes(settings) }}

select
    written.seq,
    written.token_id,
    spelled.text as token,
    written.log_probability,
    so_far.text as generated_text
from new_tokens as written
inner join token_texts as spelled
    on spelled.token_id = written.token_id
inner join texts_so_far as so_far
    on so_far.seq = written.seq
order by written.seq
{%- endif %}
{%- endmacro %}

{% macro beam_search_cte(settings, weights) -%}
beam_search (layer, node, position, hidden, outputs, path, tokens, log_probabilities, score, finished) using key (layer, node) as (
    select
        0 as layer,
        embedded.position as node,
        embedded.position,
        embedded.hidden,
        cast(null as float[]) as outputs,
        cast([] as integer[]) as path,
        cast([] as integer[]) as tokens,
        cast([] as double[]) as log_probabilities,
        cast(0 as double) as score,
        cast([] as {{ hartonomous.finished_type() }}) as finished
    from embedded
    where max_tokens > 0 and beams > 0

    union all

    (
        with current_tokens as materialized (
            select
                newest.node as row_id,
                cast(case when len(newest.path) = 0 then 0 else newest.node end as bigint) as text_id,
                newest.position,
                newest.layer,
                newest.hidden,
                newest.path,
                newest.tokens,
                newest.log_probabilities,
                newest.score
            from beam_search as newest
            where newest.layer >= 0 and newest.layer < {{ settings.layers }}
        ),

        {{ hartonomous.layer_ctes(settings, weights, cached=hartonomous.path_keys_values()) | indent(8) }},

        {{ hartonomous.beam_choice_ctes(settings, weights) | indent(8) }}

        select
            this_layer.layer + 1,
            done.row_id,
            done.position,
            done.hidden,
            seen.outputs,
            newest.path,
            newest.tokens,
            newest.log_probabilities,
            newest.score,
            cast([] as {{ hartonomous.finished_type() }})
        from layer_output as done
        inner join keys_values as seen
            on seen.text_id = done.text_id and seen.position = done.position
        inner join current_tokens as newest
            on newest.row_id = done.row_id
        cross join this_layer

        union all

        select -1, -1, 0, cast(null as float[]), cast(null as float[]), cast([] as integer[]), cast([] as integer[]), cast([] as double[]), 0, finished_texts.finished
        from finished_texts

        union all

        select 0, beam.node, beam.position, token.hidden, cast(null as float[]), beam.path, beam.tokens, beam.log_probabilities, beam.score, cast([] as {{ hartonomous.finished_type() }})
        from running_beams as beam
        inner join embedded_token as token
            on token.text_id = beam.node
    )
)
{%- endmacro %}

{% macro finished_type() -%}
struct(score double, tokens integer[], log_probabilities double[])[]
{%- endmacro %}

{# Keys and values of the nodes on each beam's path. #}
{% macro path_keys_values() -%}
select beam.text_id, earlier.position, earlier.outputs
from (
    select newest.text_id, unnest(newest.path) as node
    from current_tokens as newest
) as beam
inner join recurring.beam_search as earlier
    on earlier.node = beam.node
inner join this_layer
    on this_layer.layer + 1 = earlier.layer
{%- endmacro %}

{% macro default__generate_beam(settings, weights) %}
    {% do return(hartonomous.unsupported('generate_beam')) %}
{% endmacro %}
