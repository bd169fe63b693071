"""The backend over plain HTTP: logins, methods one by one, and the APIs of OpenAI and Anthropic."""
