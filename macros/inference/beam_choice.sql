{#
  beam_choice_ctes(settings, weights): a round's choice in beam search, from the rows of `beam_search`
  that left the last layer: CTEs finished_texts (finished), running_beams (node, position, path,
  tokens, log_probabilities, score), and embedded_token of the running ones.

  Of all continuations of all beams the best (1 + end tokens) * beams are looked at, and never fewer
  than two a beam: even if every beam ended, enough would be left to go on with.
#}
{% macro beam_choice_ctes(settings, weights) -%}
-- of the prompt only its last token goes on
leaving_tokens as materialized (
    select
        newest.node as row_id,
        cast(newest.node as bigint) as text_id,
        newest.position,
        newest.hidden,
        newest.path,
        newest.tokens,
        newest.log_probabilities,
        newest.score
    from beam_search as newest
    where newest.layer = {{ settings.layers }}
        and newest.position >= (select prompt_length.tokens - 1 from prompt_length)
),

normed_token as materialized (
    {{ hartonomous.normalize(settings, 'leaving_tokens', 'hidden') | indent(4) }}
),

scores as materialized (
    {{ hartonomous.logits(settings, weights, 'normed_token') | indent(4) }}
),

continuations as materialized (
    select
        ranked.*,
        row_number() over (order by ranked.total desc, ranked.row_id, ranked.token_id) as rank
    from (
        select
            scored.row_id,
            scored.token_id,
            scored.logit - normalizer.log_total as log_probability,
            token.score + scored.logit - normalizer.log_total as total
        from scores as scored
        inner join ({{ hartonomous.normalizers('scores') | indent(8) }}) as normalizer
            on normalizer.row_id = scored.row_id
        inner join leaving_tokens as token
            on token.row_id = scored.row_id
        order by total desc, scored.row_id, scored.token_id
        limit {{ [2, 1 + settings.end_tokens | length] | max }} * beams
    ) as ranked
),

continued as materialized (
    select
        continuation.rank,
        continuation.token_id,
        continuation.total as score,
        cast(token.position + 1 as integer) as position,
        list_append(
            case when len(token.path) = 0 then cast(range(token.row_id) as integer[]) else token.path end,
            cast(token.row_id as integer)
        ) as path,
        list_append(token.tokens, continuation.token_id) as tokens,
        list_append(token.log_probabilities, continuation.log_probability) as log_probabilities,
        {{ hartonomous.is_end_token(settings, 'continuation.token_id') }}
            or len(token.tokens) + 1 >= prompt_length.max_new_tokens as is_finished
    from continuations as continuation
    inner join leaving_tokens as token
        on token.row_id = continuation.row_id
    cross join prompt_length
),

finished_texts as materialized (
    select gathered.finished
    from (
        select list(
            {'score': text.score, 'tokens': text.tokens, 'log_probabilities': text.log_probabilities}
            order by text.score desc, text.place
        )[1:beams] as finished
        from (
            select
                continued.score / len(continued.tokens) as score,
                continued.tokens,
                continued.log_probabilities,
                continued.rank + beams as place
            from continued
            where continued.is_finished and continued.rank <= beams

            union all

            select before.text.score, before.text.tokens, before.text.log_probabilities, before.place
            from (
                select
                    unnest(control.finished) as text,
                    unnest(range(len(control.finished))) as place
                from recurring.beam_search as control
                where control.layer = -1
            ) as before
        ) as text
    ) as gathered
    where gathered.finished is not null and exists (select 1 from continued)
),

running_beams as materialized (
    select
        cast(prompt_length.tokens + (len(beam.tokens) - 1) * beams + beam.place - 1 as integer) as node,
        beam.position,
        beam.path,
        beam.tokens,
        beam.log_probabilities,
        beam.score,
        beam.token_id
    from (
        select
            continued.*,
            row_number() over (order by continued.rank) as place,
            max(continued.score) over () / len(continued.tokens) as best_possible
        from continued
        where not continued.is_finished
    ) as beam
    cross join prompt_length
    left join finished_texts
        on true
    where beam.place <= beams
        -- goes on while a running beam can still become better than the worst finished one
        and (
            coalesce(len(finished_texts.finished), 0) < beams
            or beam.best_possible > finished_texts.finished[beams].score
        )
),

running_token as materialized (
    select cast(beam.node as bigint) as text_id, beam.position, beam.token_id
    from running_beams as beam
),

{{ hartonomous.embedded_ctes(settings, weights, 'running_token') | replace('embedded as', 'embedded_token as') }}
{%- endmacro %}
