{#
  compared_codes(training, settings, keys, source): a relation (keys, norm where the metric needs it,
  differing_0, ..., difference): the codes of `source`, SQL from the FROM on that names the rows
  `coded` and the questions `question`, with the bits in which they differ and their number. A key
  is the name of a column of `coded`, or written `question.<name>`; either may be renamed by `as`.

  code_order(...) and weighted_order(...): what rows are ordered by, from that relation: the number of
  differing bits, and their weights' sum (question_ctes). Where length counts (dot, euclidean) the
  distance with the cosine that those stand for; hartonomous.cells.coding has the same forms.
#}
{% macro compared_codes(training, settings, keys, source) %}
    {% do return(adapter.dispatch('compared_codes', 'hartonomous')(training, settings, keys, source)) %}
{% endmacro %}

{#
  bit_count walks over the set bits one by one in DuckDB 1.5, 35 nanoseconds a word. Adding the words'
  bits with full adders first (carry-save, as in Harley and Seal's population count: Warren, Hacker's
  Delight, chapter 5) leaves three sparse words of six to count: 130 instead of 220 nanoseconds a row.
#}
{% macro duckdb__compared_codes(training, settings, keys, source) -%}
{%- set state = namespace(planes=[[]], level=0, sql='') -%}
{%- set kept = keys + (['norm'] if settings.metric != 'cosine' else []) -%}
{%- set differing = [] -%}
{% for word in range(training.words) %}{% do differing.append('differing_' ~ word) %}{% endfor %}
{%- do state.planes[0].extend(differing) -%}
{%- set state.sql -%}
(
    select
        {%- for key in kept %}
        {{ key if '.' in key else 'coded.' ~ key }},
        {%- endfor %}
        {%- for word in range(training.words) %}
        xor(coded.code_{{ word }}, question.code_{{ word }}) as differing_{{ word }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ source }}
)
{%- endset -%}
{%- set kept = hartonomous.unqualified(kept) + differing -%}
{%- for round in range(12) if state.planes | map('length') | max > 1 -%}
    {%- set added = hartonomous.add_planes(state.planes, loop.index) -%}
    {%- set state.sql -%}
(
    select
        {%- for key in kept %}
        {{ key }},
        {%- endfor %}
        {%- for plane in added.planes | sum(start=[]) if plane not in added.new and plane not in kept %}
        {{ plane }},
        {%- endfor %}
        {%- for name, expression in added.new.items() %}
        {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ state.sql }} as level_{{ loop.index }}
)
    {%- endset -%}
    {%- set state.planes = added.planes -%}
{%- endfor -%}
(
    select
        {%- for key in kept %}
        {{ key }},
        {%- endfor %}
        {%- for plane in state.planes %}
        {{ 2 ** loop.index0 }} * cast(bit_count({{ plane[0] }}) as float){{ ' +' if not loop.last else ' as difference' }}
        {%- endfor %}
    from {{ state.sql }} as added
)
{%- endmacro %}

{# One round of adders: three words of one weight become their sum and a carry of the next weight; two
   are added so only when nothing else is left. {planes, new: {name: expression}}. #}
{% macro add_planes(planes, round) %}
    {%- set state = namespace(next=[], new={}) -%}
    {%- set threes = planes | map('length') | max >= 3 -%}
    {% for plane in planes %}{% do state.next.append([]) %}{% endfor %}
    {% do state.next.append([]) %}
    {% for plane in planes %}
        {%- set weight = loop.index0 -%}
        {% for group in plane | batch(3) %}
            {%- set sum = 'sum_' ~ round ~ '_' ~ weight ~ '_' ~ loop.index0 -%}
            {%- set carry = 'carry_' ~ round ~ '_' ~ weight ~ '_' ~ loop.index0 -%}
            {% if group | length == 3 %}
                {% do state.new.update({
                    sum: 'xor(xor(' ~ group[0] ~ ', ' ~ group[1] ~ '), ' ~ group[2] ~ ')',
                    carry: '(' ~ group[0] ~ ' & ' ~ group[1] ~ ') | (' ~ group[2] ~ ' & xor(' ~ group[0] ~ ', ' ~ group[1] ~ '))',
                }) %}
                {% do state.next[weight].append(sum) %}
                {% do state.next[weight + 1].append(carry) %}
            {% elif group | length == 2 and not threes %}
                {% do state.new.update({sum: 'xor(' ~ group[0] ~ ', ' ~ group[1] ~ ')', carry: group[0] ~ ' & ' ~ group[1]}) %}
                {% do state.next[weight].append(sum) %}
                {% do state.next[weight + 1].append(carry) %}
            {% else %}
                {% do state.next[weight].extend(group) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if not state.next[-1] %}{% do state.next.pop() %}{% endif %}
    {% do return({'planes': state.next, 'new': state.new}) %}
{% endmacro %}

{% macro unqualified(keys) %}
    {%- set names = [] -%}
    {% for key in keys %}{% do names.append(key.split(' as ')[-1].split('.')[-1]) %}{% endfor %}
    {% do return(names) %}
{% endmacro %}

{% macro default__compared_codes(training, settings, keys, source) %}
    {% do return(hartonomous.unsupported('codes')) %}
{% endmacro %}
