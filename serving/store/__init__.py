"""What the server itself keeps: accounts, sessions, API keys, the audit, webhooks."""
