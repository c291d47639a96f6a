{{ attention_map() }}
