{#
  What the procedures that run a model begin and end with.

  sqlserver_encoding(settings, limit)         #input_texts and #encoded; @max_tokens, at which texts are
                                              cut, is `limit`: none for no limit, or '' where the
                                              procedure has it as a parameter and sets it itself
  sqlserver_run_encoded(settings, weights)    #encoded -> #sequence -> #hidden
  sqlserver_prompt(settings, weights, parameter, limit)
                                              a parameter's text -> #sequence -> #hidden; a text that is
                                              longer than the model's positions is refused, not cut
  sqlserver_spelling(settings, tokens, texts) #decoded (text_id, text): the text of every token_id of
                                              these SELECTs, text_id being the token_id; and of the
                                              texts of SELECT (text_id, position, token_id)
#}
{% macro sqlserver_encoding(settings, limit=none) -%}
create table #input_texts (
    text_id bigint not null primary key,
    text nvarchar(max) collate database_default null
);
create table #encoded (
    text_id bigint not null,
    position int not null,
    token_id int not null,
    primary key (text_id, position)
);
{%- if limit != '' %}
declare @max_tokens int{% if limit is not none %} = {{ limit }}{% endif %};
{%- endif %}
{%- endmacro %}

{% macro sqlserver_run_encoded(settings, weights) -%}
{{ hartonomous.encode_statements(hartonomous.tokenizer_settings(settings.tokenizer_id)) }}

{{ hartonomous.sqlserver_forward_tables(settings) }}

insert into #sequence (row_id, text_id, position, token_id)
select
    row_number() over (order by given.text_id, given.position) - 1 as row_id,
    given.text_id,
    given.position,
    given.token_id
from #encoded as given;
set @problem = (
    select concat(
        'the text has ', max(token.position) + 1, ' tokens, and the model reads {{ settings.max_positions }} at most'
    )
    from #sequence as token
    having max(token.position) >= {{ settings.max_positions }}
);
if @problem is not null throw 50000, @problem, 1;
set @problem = (
    select concat(
        'the tokenizer gives the token ', max(token.token_id), ', and the model knows {{ settings.vocabulary_size }}'
    )
    from #sequence as token
    having max(token.token_id) >= {{ settings.vocabulary_size }}
);
if @problem is not null throw 50000, @problem, 1;

-- what goes into the first layer
{{ hartonomous.sqlserver_embedded(settings, weights) }}
{%- endmacro %}

{% macro sqlserver_prompt(settings, weights, parameter, limit=none) -%}
{{ hartonomous.sqlserver_encoding(settings, limit) }}
insert into #input_texts (text_id, text) values (0, {{ hartonomous.param(parameter) }});
{{ hartonomous.sqlserver_run_encoded(settings, weights) }}
{%- endmacro %}

{# Each token is decoded by itself: a piece of a character reads as the replacement character. #}
{% macro sqlserver_spelling(settings, tokens, texts=none) -%}
{{ hartonomous.sqlserver_decoding() }}
insert into #tokens (text_id, position, token_id)
select wanted.token_id as text_id, 0 as position, wanted.token_id
from (
    {{ tokens | join('\n\nunion\n\n') | indent(4) }}
) as wanted
group by wanted.token_id;
{%- if texts %}
insert into #tokens (text_id, position, token_id)
{{ texts }};
{%- endif %}
{{ hartonomous.decode_statements(hartonomous.tokenizer_settings(settings.tokenizer_id), skip_special=false) }}
{%- endmacro %}

{% macro sqlserver_decoding() -%}
create table #tokens (
    text_id bigint not null,
    position int not null,
    token_id int not null,
    primary key (text_id, position)
);
create table #decoded (
    text_id bigint not null primary key,
    text nvarchar(max) collate database_default null
);
{%- endmacro %}
