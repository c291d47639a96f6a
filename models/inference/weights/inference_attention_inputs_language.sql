{{ inference_attention_inputs(suffix='language') }}
