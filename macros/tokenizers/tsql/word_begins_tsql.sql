{#
  Where a word begins, as branches of a CASE over a character `spelled` with its run
  (encode_split_tsql.sql).

  tsql_word_begins(tokenizer)          GPT-2's pattern: a space belongs to the word behind it, other
                                       white space is a word, but for its last character where
                                       something follows. Where Digits has cut the text before
                                       (SmolLM), nothing stands before a number, and white space ends
                                       where one follows
  tsql_word_begins_in_line(tokenizer)  Llama 3's and Qwen 2's: any white space in a line, or one other
                                       character, belongs to the letters behind it; numbers stand in
                                       threes or alone; line ends belong to the punctuation before them
                                       or end white space
#}
{% macro tsql_word_begins(tokenizer) -%}
    {%- set digits = tokenizer.split in ['digits', 'digit_runs'] -%}
    {%- if tokenizer.split == 'digits' -%}
when spelled.class = 'N' then 1
    {% elif digits -%}
when spelled.class = 'N' and spelled.place_in_run = 1 then 1
    {% endif -%}
when spelled.class = 'S' and spelled.place_in_run = 1 then 1
when spelled.class = 'S' and spelled.place_in_run = spelled.run_length and spelled.next_class {{ "in ('L', 'O')" if digits else 'is not null' }} then 1
when spelled.class <> 'S' and spelled.place_in_run = 1 and coalesce(spelled.previous_codepoint, 0) <> 32 then 1
{%- endmacro %}

{% macro tsql_word_begins_in_line(tokenizer) -%}
when spelled.class = 'L' and spelled.place_in_run = 1 then case
    when spelled.previous_class = 'S' and spelled.previous_codepoint not in (10, 13) then 0
    when spelled.previous_class = 'O' and spelled.previous_run_length = 1
        and coalesce(spelled.codepoint_before_previous, 0) <> 32 then 0
    else 1
end
when spelled.class = 'N' {{ 'and (spelled.place_in_run - 1) % 3 = 0 ' if tokenizer.split == 'llama3' }}then 1
when spelled.class = 'O' and spelled.place_in_run = 1 and coalesce(spelled.previous_codepoint, 0) <> 32 then 1
{# line ends behind punctuation belong to it, what follows them is white space of its own -#}
when spelled.class = 'S' and spelled.class_before_run = 'O' and spelled.codepoint in (10, 13)
    and (spelled.first_in_line is null or spelled.position < spelled.first_in_line) then 0
when spelled.class = 'S' and spelled.class_before_run = 'O' and spelled.position = spelled.first_in_line then 1
when spelled.class = 'S' and spelled.class_before_run <> 'O' and spelled.place_in_run = 1 then 1
when spelled.class = 'S' and spelled.position = spelled.last_newline + 1 then 1
when spelled.class = 'S' and spelled.place_in_run = spelled.run_length and spelled.next_class is not null
    and spelled.position > coalesce(spelled.last_newline, 0) then 1
{%- endmacro %}
