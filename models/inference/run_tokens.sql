{{ run_tokens() }}
