{{ inference_attention_outputs() }}
