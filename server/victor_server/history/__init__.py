"""What is kept of chats: sessions, turns, events and receipts."""
