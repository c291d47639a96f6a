{{ next_tokens() }}
