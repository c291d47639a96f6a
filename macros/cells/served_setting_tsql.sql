{#
  served_setting in T-SQL: procedures read the setting when they are called, so that it holds without
  being made again; nothing of it is known when they are made.

  tsql_read_setting(settings): declares and sets
    @path, @tuned_candidates, @recall   how vector_search finds its candidates, how many, and what that keeps
    @tuned_probes, @tuned_reach,        which cells are probed and for how many candidates, also where
    @cells_candidates                   another path is served; a reach of NULL is without bounds
    @codes_candidates, @codes_recall    the same by the codes of all rows, for filtered searches
#}
{% macro sqlserver__served_setting(space) %}
    {%- do ref('search_settings' ~ hartonomous.space_suffix(space)) -%}
    {% do return(hartonomous.tsql_unknown_setting()) %}
{% endmacro %}

{% macro fabric__served_setting(space) %}
    {% do return(hartonomous.tsql_unknown_setting()) %}
{% endmacro %}

{% macro tsql_unknown_setting() %}
    {% do return({
        'path': none, 'probes': none, 'reach': none, 'candidates': none, 'recall': none,
        'codes_candidates': none, 'codes_recall': none, 'index_recall': none,
    }) %}
{% endmacro %}

{% macro sqlserver_read_setting(settings) -%}
declare @path varchar(20) = 'exact';
declare @recall float = 1;
declare @tuned_candidates int = 0;
declare @tuned_probes int = 16;
declare @tuned_reach float;
declare @cells_candidates int = 100;
declare @codes_candidates int = 200;
declare @codes_recall float = 1;
select top (1)
    @path = setting.path,
    @recall = setting.recall,
    @tuned_candidates = setting.candidates,
    @tuned_probes = coalesce(setting.cells_probes, 16),
    @tuned_reach = setting.cells_reach,
    @cells_candidates = coalesce(setting.cells_candidates, 100),
    @codes_candidates = coalesce(setting.codes_candidates, 200),
    @codes_recall = coalesce(setting.codes_recall, 1)
from {{ ref('search_settings' ~ settings.suffix) }} as setting;
{%- endmacro %}

{# Tuning compares its queries with every vector, which has no index or vector type to lean on in Fabric
   Warehouse: an eighth of the cells is probed there, and the recall of that is not measured. #}
{% macro fabric_read_setting(settings) -%}
declare @cells int = (select count(*) from {{ ref('cells' ~ settings.suffix) }});
declare @tuned_probes int = 1 + @cells / 8;
declare @tuned_reach float;
declare @tuned_candidates int = 200;
declare @recall float = case when @cells = 0 then 1 end;
{%- endmacro %}

{# Tuned for ten results: for more of them, more cells, farther ones, and as many more candidates. #}
{% macro tsql_grown_probes(probes) -%}
    {{ probes }} * cast(ceiling(sqrt(greatest(@top_k, 10) / 10.0e0)) as int)
{%- endmacro %}

{% macro tsql_grown_reach(reach) -%}
    {{ reach }} * power(greatest(@top_k, 10) / 10.0e0, 0.2e0)
{%- endmacro %}

{% macro tsql_grown_candidates(candidates) -%}
    {{ candidates }} * ((greatest(@top_k, 10) + 9) / 10)
{%- endmacro %}
