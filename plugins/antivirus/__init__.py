"""Virus scanning: every upload is shown to ClamAV before anything of it is kept."""
