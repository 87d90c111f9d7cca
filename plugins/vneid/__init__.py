"""Sign-in of citizens, businesses and organisations with their national account (VNeID)."""
