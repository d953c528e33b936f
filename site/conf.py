"""How Sphinx makes the site from the pages that `build.py` has written."""

from autograder.course import load_course

project = html_title = load_course().title
language = "en"
extensions = ["myst_nb"]
nitpicky = True

# The notebooks have been executed; nothing runs here, and nothing is fetched by the pages.
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}
myst_heading_anchors = 3

html_theme = "furo"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
