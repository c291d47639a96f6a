{{ choose_token() }}
