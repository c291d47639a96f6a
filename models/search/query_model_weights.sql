{{ query_model_weights() }}
