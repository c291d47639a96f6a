{#
  space_training(space): what was learned about a space for searching it (table raw.cell_trainings):
  {training_id, first_cell, last_cell, cells, cell_groups, coding, bits, words, columns, thresholds,
  space_rows (then) and trained_to (the last embedding then)}.
  `thresholds` has one number a bit where the coding has any but zero, else nothing. A space that is
  too small to be trained has no cells, and codes of one bit a dimension for the tables' shape.
#}
{% macro space_training(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = {
        'training_id': '', 'first_cell': 0, 'cells': 0, 'cell_groups': 0,
        'coding': 'sign', 'bits': settings.dimension, 'thresholds': [], 'space_rows': 0, 'trained_to': 0,
    } -%}
    {% if execute %}
        {%- set found = run_query(
            'select training_id, first_cell, cells, cell_groups, coding, bits, space_rows, trained_to from ' ~ source('raw', 'cell_trainings')
            ~ ' where space_id = ' ~ hartonomous.text_literal(settings.space_id) ~ ' order by created_at desc, training_id'
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {% do training.update(dict(zip(
                ['training_id', 'first_cell', 'cells', 'cell_groups', 'coding', 'bits', 'space_rows', 'trained_to'], found.rows[0].values()
            ))) %}
        {% endif %}
        {% if training.coding != 'sign' %}
            {%- set bits = run_query(
                'select threshold from ' ~ source('raw', 'code_bits') ~ ' where training_id = '
                ~ hartonomous.text_literal(training.training_id) ~ ' order by bit'
            ) -%}
            {% do training.update({'thresholds': bits.columns[0].values() | map('float') | list}) %}
        {% endif %}
    {% endif %}
    {% do training.update({
        'last_cell': training.first_cell | int + training.cells | int - 1,
        'words': (training.bits | int + 63) // 64,
        'columns': hartonomous.code_columns((training.bits | int + 63) // 64),
    }) %}
    {% do return(training) %}
{% endmacro %}

{# The columns that hold a code: 64 bits each. #}
{% macro code_columns(words) %}
    {%- set columns = [] -%}
    {% for word in range(words) %}{% do columns.append('code_' ~ word) %}{% endfor %}
    {% do return(columns) %}
{% endmacro %}
