"""Takes secrets out of a text before it is stored or shown to a model."""
