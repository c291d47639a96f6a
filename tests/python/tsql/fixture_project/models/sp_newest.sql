{{ config(materialized='procedure') }}
create or alter procedure {{ this.include(database=false) }} @top_k int as
begin
    select top (@top_k) l.text_id, l.landed_at from {{ ref('log').include(database=false) }} as l order by l.landed_at desc;
end
