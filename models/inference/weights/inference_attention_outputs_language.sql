{{ inference_attention_outputs(suffix='language') }}
