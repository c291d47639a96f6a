{#
  ensemble_members(): who votes in ensemble_search: every space, by its id, and `lexical`, with weight (seed
  ensemble_weights; 1 without a row there) and the calibration of its similarities.
#}
{% macro ensemble_members() %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table') }}
    {%- set weights = ref('ensemble_weights') -%}
    {%- set double = hartonomous.sql_type('double') -%}
select
    listed.member,
    cast(coalesce(weighted.weight, 1) as {{ double }}) as weight,
    cast(coalesce(listed.mean_similarity, 0) as {{ double }}) as mean_similarity,
    cast(coalesce(listed.sd_similarity, 0) as {{ double }}) as sd_similarity,
    cast(coalesce(listed.pairs, 0) as {{ hartonomous.sql_type('bigint') }}) as pairs
from (
    {%- for space in hartonomous.ensemble_spaces() %}
    {%- set settings = hartonomous.space_settings(space) %}
    {{ hartonomous.calibrated_member(settings.space_id, ref('similarity_calibration' ~ settings.suffix)) | indent(4) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if hartonomous.searches_words() %}
    union all
    {{ hartonomous.calibrated_member('lexical', ref('lexical_calibration')) | indent(4) }}
    {%- endif %}
) as listed
left join {{ weights }} as weighted
    on weighted.member = listed.member
{% endmacro %}

{# One row, also where nothing was measured. #}
{% macro calibrated_member(member, calibration) -%}
select
    cast({{ hartonomous.text_literal(member) }} as {{ hartonomous.sql_type('key') }}) as member,
    max(measured.mean_similarity) as mean_similarity,
    max(measured.sd_similarity) as sd_similarity,
    max(measured.pairs) as pairs
from {{ calibration }} as measured
{%- endmacro %}

{#
  The spaces that vote, as the argument that their models' macros take: none for the default one, then
  those that `hartonomous build` names in HARTONOMOUS_SPACES. dbt must know what a model reads while
  it parses, when no database can be asked; and an environment variable, unlike a var, makes it parse
  anew only what reads it.
#}
{% macro ensemble_spaces() %}
    {% do return([none] + env_var('HARTONOMOUS_SPACES', '').split(',') | select | list) %}
{% endmacro %}
