"""What stands between a conversation and a model: secrets out on the way there, back in for the person's eyes."""
