{{ inference_entry() }}
