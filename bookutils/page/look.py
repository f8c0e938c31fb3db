"""What stands round the widgets of a page: their look, and their names for a screen reader."""

import html
import re

import ipywidgets


def rendered(text):
    """Return plain text as HTML: escaped, `code` set as code; formulas stay between dollars."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


LOOK = """<style>
.book-slider .noUi-handle { background: #0072B2; border-color: #0072B2; }
.book-slider [disabled] .noUi-handle { background: #999; border-color: #999; }
.book-slider .noUi-handle:focus-visible, .book-slider .widget-readout:focus-visible,
.book-slider button.jupyter-button:enabled:focus-visible, .book-slider summary:focus-visible,
.book-bet button.jupyter-button:enabled:focus-visible
{ outline: 3px solid #D55E00; outline-offset: 1px; }
.book-slider img { background: white; border-radius: 4px; padding: 8px; box-sizing: border-box; }
.book-slider .widget-html-content, .book-bet .widget-html-content,
.book-slider .widget-htmlmath-content, .book-bet .widget-htmlmath-content
{ line-height: 1.5; font-size: var(--jp-content-font-size1, 14px); }
.book-bet button { text-align: left; white-space: normal; height: auto; min-height: 28px;
  line-height: 1.4; padding: 3px 12px; }
.book-bet summary { cursor: pointer; }
</style>"""


# ipywidgets gives no name to the handle of a slider, to the number beside it, to a row of toggle
# buttons or to an image, and has no trait for one: a screen reader would hear "slider, 2". Their
# names are on the page all the same, so this script puts each where it belongs. It stands in an
# Output widget, the one place where ipywidgets lets a script run (HTML widgets drop it), and says
# everything again after each change, for noUiSlider writes its own `aria-valuetext` at each move.
# Where a front end runs no script, all works as before, without the names.
NAMES = """<script>(() => {
  const script = document.currentScript;
  let root = null;
  const set = (element, key, value) => {  // only a change, or the observer would never rest
    if (element && element.getAttribute(key) !== value) element.setAttribute(key, value);
  };
  const speak = box => {  // a live region that stays on the page, whatever is written into it
    set(box, "role", "status");
    set(box, "aria-live", "polite");
    const inner = box?.querySelector("[role=status]");
    for (const key of ["role", "aria-live"]) inner?.removeAttribute(key);
  };
  const text = (parent, selector) => parent.querySelector(selector)?.textContent ?? "";
  const name = () => {
    for (const slider of root.querySelectorAll(".widget-slider")) {
      const label = text(slider, ".widget-label");
      const readout = slider.querySelector(".widget-readout");
      const handle = slider.querySelector(".noUi-handle");
      const shut = slider.querySelector(".noUi-target")?.hasAttribute("disabled");
      set(handle, "aria-label", label);
      set(handle, "aria-valuetext", readout?.textContent);
      set(handle, "aria-disabled", String(shut));
      if (slider.classList.contains("book-stops")) {
        set(readout, "contenteditable", "false");  // what is typed there goes nowhere
        for (const key of ["role", "aria-label", "aria-disabled"]) readout?.removeAttribute(key);
      } else {
        set(readout, "role", "textbox");
        set(readout, "aria-label", `${label}, as a number`);
        set(readout, "aria-disabled", String(shut));
      }
    }
    for (const toggles of root.querySelectorAll(".widget-toggle-buttons")) {
      set(toggles, "role", "group");
      set(toggles, "aria-label", text(toggles, ".widget-label"));
      for (const button of toggles.querySelectorAll("button")) {
        set(button, "aria-pressed", String(button.classList.contains("mod-active")));
      }
    }
    for (const bet of [root, ...root.querySelectorAll(".book-bet")]) {
      if (!bet.classList.contains("book-bet")) continue;
      set(bet, "role", "group");
      set(bet, "aria-label", text(bet, ".widget-htmlmath-content > b"));
      speak([...bet.querySelectorAll(".widget-htmlmath-content")].at(1));
    }
    speak(root.querySelector(".widget-html-content"));
    const alt = root.querySelector(".widget-html-content > [role=img]");
    if (alt) {  // the picture takes the words that stand in for it
      set(root.querySelector("img.widget-image"), "alt", alt.getAttribute("aria-label"));
      set(alt, "aria-hidden", "true");
    }
  };
  const begin = tries => {  // on a busy page the script may run before its piece is put together
    root = script.closest(".book-slider, .book-bet");
    if (!root) {
      if (tries) setTimeout(begin, 100, tries - 1);
      return;
    }
    new MutationObserver(name).observe(root, {
      subtree: true, childList: true, characterData: true,
      attributeFilter: ["aria-valuetext", "class", "contenteditable", "disabled"],
    });
    name();
  };
  begin(100);
})();</script>"""


def names():
    """Return an unseen widget that names, for screen readers, the controls it stands with."""
    script = {"output_type": "display_data", "data": {"text/html": NAMES}, "metadata": {}}
    return ipywidgets.Output(outputs=(script,), layout={"display": "none"})


def headline(question):
    """Return a widget with the question in bold, and the look of all that stands with it."""
    return ipywidgets.HTMLMath(f"{LOOK}<b>{rendered(question)}</b>")


def view_of(widget):
    """Return the part of an output's data that shows a widget."""
    return {
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2,
            "version_minor": 0,
            "model_id": widget.model_id,
        }
    }
