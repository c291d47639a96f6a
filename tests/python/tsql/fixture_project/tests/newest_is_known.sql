select l.text_id from {{ ref('log') }} as l
left join {{ ref('stg_texts') }} as t on t.text_id = l.text_id
where t.text_id is null
