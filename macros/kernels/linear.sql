{#
  linear: y = W x + b, for every token, with what follows row by row.

  Input: CTE `input` (row_id, text_id, position, <column> FLOAT[width]); weight table with a row an
  output neuron: layer, output_index, chunk_0.. (the row in columns), bias, and where asked for
  gate_0.., gate_bias and residual_gain.
  Output: (row_id, text_id, position, outputs FLOAT[rows]).

    plain      y_i = w_i x + b_i
    activation y_i = f(w_i x + b_i)
    gated      y_i = f(g_i x + c_i) (w_i x + b_i)              SwiGLU and its like (Shazeer 2020)
    residual   y_i = w_i x + b_i + r_i, or + gain_i r_i

  The tokens are few and the rows many: each token is a constant against a vector of rows. The rows
  are collected by min_by(output, output_index, rows), which orders by definition: a list with ORDER BY
  sets up a sort for every aggregate, a fifth of a decoding step (docs/decisions/0009). The rows
  are read in `inference_parts` branches of a UNION ALL, which DuckDB runs on as many cores; one
  matrix is one row group, which it does not divide by itself.
#}
{% macro linear(input, column, weights, width, rows, activation=none, is_gated=false, residual=none, has_residual_gain=false, chunks=none, has_bias=true) -%}
select
    product.row_id,
    any_value(product.text_id) as text_id,
    any_value(product.position) as position,
    cast(min_by(product.output, product.output_index, {{ rows }}) as float[]) as outputs
from (
    select
        pair.row_id,
        pair.text_id,
        pair.position,
        pair.output_index,
        {%- if is_gated %}
        {{ hartonomous.activation(activation, 'pair.gate', 'pair.argument') }} * pair.output as output
        {%- elif activation %}
        {{ hartonomous.activation(activation, 'pair.output', 'pair.argument') }} as output
        {%- else %}
        pair.output
        {%- endif %}
    from (
        {%- if activation == 'gelu' %}
        select summed.*, {{ hartonomous.gelu_argument('summed.gate' if is_gated else 'summed.output') }} as argument
        from (
        {%- endif %}
        select
            token.row_id,
            token.text_id,
            token.position,
            neuron.output_index,
            {%- if is_gated %}
            {{ hartonomous.dot_product('neuron', 'token', width, 'gate') | indent(12) }}
            + neuron.gate_bias as gate,
            {%- endif %}
            {{ hartonomous.dot_product('neuron', 'token', width, chunks=chunks) | indent(12) }}
            {%- if has_bias %}
            + neuron.bias
            {%- endif %}
            {%- if residual %}
            + token.residual[neuron.output_index + 1]{{ ' * neuron.residual_gain' if has_residual_gain }}
            {%- endif %} as output
        from (
            select
                given.row_id,
                given.text_id,
                given.position,
                {%- if residual %}
                skipped.{{ residual[1] }} as residual,
                {%- endif %}
                {{ hartonomous.chunk_columns('given.' ~ column, width, chunks=chunks) | indent(16) }}
            from {{ input }} as given
            {%- if residual and residual[0] != input %}
            inner join {{ residual[0] }} as skipped
                on skipped.row_id = given.row_id
            {%- endif %}
        ) as token
        cross join {{ hartonomous.layer_rows(weights, rows) | indent(8) }} as neuron
        {%- if activation == 'gelu' %}
        ) as summed
        {%- endif %}
    ) as pair
) as product
group by product.row_id
{%- endmacro %}

{#
  wide_linear_ctes(name, ...): linear as CTE `name`, a wide row in segments (chunk_segments), each of which
  adds to what the one before it gave.
#}
{% macro wide_linear_ctes(name, input, column, weights, width, rows, residual, has_residual_gain) -%}
{%- set segments = hartonomous.chunk_segments(width) -%}
{%- for chunks in segments -%}
{%- set before = name ~ '_' ~ (loop.index0 - 1) -%}
{{ name ~ ('' if loop.last else '_' ~ loop.index0) }} as materialized (
    {{ hartonomous.linear(
        input=input, column=column, weights=weights, width=width, rows=rows,
        residual=residual if loop.first else (before, 'outputs'),
        has_residual_gain=has_residual_gain and loop.first,
        chunks=chunks, has_bias=loop.first,
    ) | indent(4) }}
){{ ',\n\n' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#
  linear_over_positions(...): the same product turned around, (text_id, output_index, outputs FLOAT[positions]),
  of rows [first, first + rows) of the matrix; output_index counts from 0. What is multiplied by
  attention weights next is needed as a list over positions, and no list has to be taken apart for it.
#}
{% macro linear_over_positions(input, column, weights, width, first, rows) -%}
select
    product.text_id,
    product.output_index - {{ first }} as output_index,
    cast(list(product.output order by product.position) as float[]) as outputs
from (
    select
        token.text_id,
        token.position,
        neuron.output_index,
        {{ hartonomous.dot_product('neuron', 'token', width) | indent(8) }}
        + neuron.bias as output
    from (
        select
            given.text_id,
            given.position,
            {{ hartonomous.chunk_columns('given.' ~ column, width) | indent(12) }}
        from {{ input }} as given
    ) as token
    cross join {{ hartonomous.layer_rows(weights, rows, first=first) | indent(4) }} as neuron
) as product
group by product.text_id, product.output_index
{%- endmacro %}

{# Rows of this layer, [first, first + rows), in branches that run side by side. #}
{% macro layer_rows(weights, rows, one_layer=false, first=0) -%}
{%- set parts = [var('inference_parts') | int, (rows // 256) or 1] | min -%}
(
{%- for part in range(parts) %}
    select stored.* exclude (layer)
    from {{ weights }} as stored
    where {{ 'stored.layer = 0' if one_layer else 'stored.layer in (select this_layer.layer from this_layer)' }}
        and stored.output_index >= {{ first + rows * part // parts }}
        and stored.output_index < {{ first + rows * (part + 1) // parts }}
    {%- if not loop.last %}
    union all
    {%- endif %}
{%- endfor %}
)
{%- endmacro %}
