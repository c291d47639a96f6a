{{ inference_attention_inputs() }}
