{{ inference_rows() }}
