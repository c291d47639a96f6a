{{ hidden_states() }}
