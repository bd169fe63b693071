"""The WebSocket that language servers attach to."""
