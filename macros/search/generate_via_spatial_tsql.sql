{#
  generate_via_spatial in T-SQL: a loop, one step a token. The vocabulary is copied once, and what
  was visited leaves the copy. Two result sets: the steps (seq, token, distance), and generated_text.

  Marks of the tokenizers are written as code points (288: byte-level BPE, 9601: SentencePiece), and
  tokens compare by code point, whatever the collation of the database is.
#}
{% macro sqlserver__generate_via_spatial(model_name) %}
    {{- hartonomous.check_parameters(counts=['num_tokens'], required=['seed_token'], filters=false) }}
create table #vocabulary (
    token_id int not null primary key,
    token nvarchar(max) not null,
    x float not null,
    y float not null,
    z float not null
);
insert into #vocabulary (token_id, token, x, y, z)
select place.token_id, place.token, place.x, place.y, place.z
from (
    select
        candidate.token_id,
        candidate.token,
        candidate.x,
        candidate.y,
        candidate.z,
        row_number() over (partition by candidate.token_id order by candidate.embedding_tensor_id) as occurrence
    from {{ ref('tokens') }} as candidate
    where candidate.model_name = {{ hartonomous.text_literal(model_name) }}
        and candidate.token is not null
        and candidate.x is not null
        and candidate.is_special = 0
) as place
where place.occurrence = 1;

declare @token_id int;
declare @token nvarchar(max);
declare @distance float;
declare @x float;
declare @y float;
declare @z float;

select top (1)
    @token_id = candidate.token_id,
    @token = candidate.token,
    @x = candidate.x,
    @y = candidate.y,
    @z = candidate.z
from (
    values (1, @seed_token), (2, lower(@seed_token)), (3, nchar(288) + @seed_token), (4, nchar(9601) + @seed_token)
) as spelling (preference, token)
inner join #vocabulary as candidate
    on candidate.token = spelling.token {{ hartonomous.tsql_binary() }}
order by spelling.preference;
if @token_id is null
begin
    set @problem = concat('generate_via_spatial: the token ', left(@seed_token, 200), ' is not in the vocabulary');
    throw 50000, @problem, 1;
end;

create table #walk (
    seq int not null primary key,
    token nvarchar(max) not null,
    distance float not null
);
declare @seq int = 0;
declare @generated_text nvarchar(max) = {{ hartonomous.tsql_token_text('@token') }};

while @seq < @num_tokens
begin
    delete from #vocabulary where token_id = @token_id;
    set @token_id = null;
    select top (1)
        @token_id = nearest.token_id,
        @distance = nearest.distance
    from (
        select
            candidate.token_id,
            {{ hartonomous.distance_3d('candidate', '@x', '@y', '@z') }} as distance
        from #vocabulary as candidate
    ) as nearest
    order by nearest.distance, nearest.token_id;
    if @token_id is null break;
    select
        @token = candidate.token,
        @x = candidate.x,
        @y = candidate.y,
        @z = candidate.z
    from #vocabulary as candidate
    where candidate.token_id = @token_id;
    set @seq += 1;
    insert into #walk (seq, token, distance) values (@seq, @token, @distance);
    set @generated_text += {{ hartonomous.tsql_token_text('@token') }};
end

{{ hartonomous.log_inference('generate', 'spatial_walk', text='@seed_token', settings={'num_tokens': '@num_tokens'}, model_name=model_name, rows={
    'source': '#walk as kept',
    'order': 'kept.seq',
    'columns': {'text': 'kept.token', 'distance': 'kept.distance'},
    'top_k': '2147483647',
}) }}

select walk.seq, walk.token, walk.distance
from #walk as walk
order by walk.seq;

select ltrim(@generated_text) as generated_text;
{% endmacro %}

{# A token as text, as in duckdb_token_text: continuations lose their ##, words get a space. #}
{% macro tsql_token_text(token) -%}
    case
        when left({{ token }}, 2) = '##' then stuff({{ token }}, 1, 2, '')
        when unicode({{ token }}) in (288, 9601) then stuff({{ token }}, 1, 1, ' ')
        else ' ' + {{ token }}
    end
{%- endmacro %}
