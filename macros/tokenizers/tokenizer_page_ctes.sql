{#
  tokenizer_page_ctes(): CTEs of tokenizer_lookups: table_of_characters, the landed characters by page
  of 256 code points: one template for all of a page, or one a line for each of its code points.
#}
{% macro tokenizer_page_ctes() -%}
landed_range as (
    select
        landed.tokenizer_id,
        landed.first_codepoint // 256 as page,
        landed.first_codepoint,
        landed.last_codepoint,
        {%- for name in ['normalized', 'pretokenized'] %}
        case
            when rules.algorithm <> 'wordpiece' then landed.{{ name }}
            when landed.combining_class > 0 then '^{}'
            when landed.combining_class = 0 then '-{}'
            else '=' || coalesce(landed.{{ name }}, '{}')
        end as {{ name }},
        {%- endfor %}
        -- the code points before it of which nothing is said
        landed.first_codepoint - coalesce(
            lag(landed.last_codepoint + 1) over (
                partition by landed.tokenizer_id, landed.first_codepoint // 256
                order by landed.first_codepoint
            ),
            landed.first_codepoint // 256 * 256
        ) as gap
    from {{ source('raw', 'tokenizer_characters') }} as landed
    inner join {{ source('raw', 'tokenizer_rules') }} as rules
        on rules.tokenizer_id = landed.tokenizer_id
),

page as (
    select
        landed_range.tokenizer_id,
        landed_range.page,
        {%- for name, template in [('characters', 'landed_range.pretokenized'), ('normalized', 'landed_range.normalized')] %}
        case
            when max(landed_range.last_codepoint - landed_range.first_codepoint) = 255 then min({{ template }})
            else string_agg(
                repeat(chr(10), landed_range.gap)
                    || repeat(coalesce({{ template }}, '') || chr(10), landed_range.last_codepoint - landed_range.first_codepoint + 1),
                '' order by landed_range.first_codepoint
            )
        end as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from landed_range
    group by landed_range.tokenizer_id, landed_range.page
),

table_of_characters as (
    select
        rules.tokenizer_id,
        list(coalesce(page.characters, '') order by place.number) as characters,
        list(coalesce(page.normalized, '') order by place.number) as normalized
    from {{ source('raw', 'tokenizer_rules') }} as rules
    cross join (select unnest(range(4352)) as number) as place
    left join page
        on page.tokenizer_id = rules.tokenizer_id and page.page = place.number
    group by rules.tokenizer_id
)
{%- endmacro %}
