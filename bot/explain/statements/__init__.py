"""The statements that ran: what each locked, read, wrote and took."""
