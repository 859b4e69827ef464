"""Charts: declared as values, drawn on the server as SVG with the page's own colours and face."""
