"""Model servers, each behind the one protocol in `provider`."""
