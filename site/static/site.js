// The search adds an excerpt of each page that it finds. Pages opened from a folder may not read one another.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than its place can be scrolled by keyboard too.
const reachable = () => {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .cell_output .output, .way")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
addEventListener("toggle", reachable, true);

// What the theme leaves out for screen readers: how deep the headings of the sidebar are, and what the second one is.
addEventListener("DOMContentLoaded", () => {
  for (const caption of document.querySelectorAll("p.caption[role=heading]")) caption.ariaLevel = "2";
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
});
