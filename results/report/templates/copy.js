// A button beside each command copies it.
const copyable = (() => {
  const SHOWN_FOR = 2000; // milliseconds

  // Where the browser has no clipboard for this page, for example over plain HTTP.
  function copySelection(code) {
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  }

  async function copy(code) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      return copySelection(code);
    }
  }

  // Put `code` and its button into one line, which is returned.
  function copyable(code) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      button.textContent = (await copy(code)) ? "Copied" : "Press Ctrl/⌘ C";
      setTimeout(() => { button.textContent = "Copy"; }, SHOWN_FOR);
    });
    const line = document.createElement("div");
    line.className = "copyable";
    code.replaceWith(line);
    line.append(code, button);
    return line;
  }

  document.querySelectorAll("main .command, header .command").forEach(copyable);
  return copyable;
})();
