"""Reading aloud: pages with a longer text can be listened to, by the voices of the device."""
