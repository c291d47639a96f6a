{#
  tokenize and detokenize in T-SQL. A NULL text has no tokens.
#}
{% macro sqlserver__tokenize(tokenizer) -%}
create table #input_texts (
    text_id bigint not null primary key,
    text nvarchar(max) null
);
insert into #input_texts (text_id, text)
values (0, @text);
create table #encoded (
    text_id bigint not null,
    position int not null,
    token_id int not null,
    primary key (text_id, position)
);
declare @max_tokens int = null;
{{ hartonomous.encode_statements(tokenizer) }}
select encoded.position, encoded.token_id, known.token
from #encoded as encoded
inner join {{ source('raw', 'tokens') }} as known
    on known.token_id = encoded.token_id
    and known.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
order by encoded.position;
{% endmacro %}

{% macro sqlserver__detokenize(tokenizer) -%}
create table #tokens (
    text_id bigint not null,
    position int not null,
    token_id int not null,
    primary key (text_id, position)
);
insert into #tokens (text_id, position, token_id)
select 0 as text_id, cast(given.[key] as int) as position, cast(given.value as int) as token_id
from openjson(@token_ids) as given;
create table #decoded (
    text_id bigint not null primary key,
    text nvarchar(max) null
);
{{ hartonomous.decode_statements(tokenizer) }}
select coalesce(max(decoded.text), N'') as text
from #decoded as decoded;
{% endmacro %}
