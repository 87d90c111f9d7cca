"""Emergency banners: a few words of danger above the pages of one site, or of all, at once."""
