"""Heritage theme: ink and gold of the imperial city, headings in a serif."""
