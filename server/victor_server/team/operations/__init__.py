"""What runs beside the requests: start, reaper, exports, drain."""
