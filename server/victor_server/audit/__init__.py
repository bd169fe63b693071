"""The local record of what was done on whose word: written here, never sent anywhere."""
