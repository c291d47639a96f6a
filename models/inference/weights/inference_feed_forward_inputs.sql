{{ inference_feed_forward_inputs() }}
