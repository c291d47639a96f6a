{{ inference_feed_forward_outputs() }}
