{#
  The language-model head, from a relation of normalized tokens:

  logits(settings, weights, input)   SELECT (row_id, token_id, logit), a row for every token of the
                                     vocabulary; input (row_id, text_id, position, normed)
  normalizers(input)                 SELECT (row_id, highest, log_total): log sum exp of the logits,
                                     taken off their largest, so that no score overflows
#}
{% macro logits(settings, weights, input) -%}
select
    token.row_id,
    neuron.output_index as token_id,
    {{ hartonomous.dot_product('neuron', 'token', settings.hidden_size) | indent(4) }}
    + neuron.bias as logit
from (
    select
        given.row_id,
        {{ hartonomous.chunk_columns('given.normed', settings.hidden_size) | indent(8) }}
    from {{ input }} as given
) as token
cross join {{ hartonomous.layer_rows(weights.heads, settings.vocabulary_size, one_layer=true) | indent(4) }} as neuron
{%- endmacro %}

{% macro normalizers(input) -%}
select
    scored.row_id,
    ln(sum(exp(cast(scored.logit as double) - largest.highest))) + any_value(largest.highest) as log_total
from {{ input }} as scored
inner join (
    select top.row_id, cast(max(top.logit) as double) as highest
    from {{ input }} as top
    group by top.row_id
) as largest
    on largest.row_id = scored.row_id
group by scored.row_id
{%- endmacro %}
