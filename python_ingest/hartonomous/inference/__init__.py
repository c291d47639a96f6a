"""Running landed models by the SQL callables of the built database: embed, generate, score."""
