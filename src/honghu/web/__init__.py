"""The page toolkit: base templates, components, styles, template tags."""
