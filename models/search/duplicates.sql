{{ duplicates() }}
