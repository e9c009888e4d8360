// The button that copies the form. Without a script, or a clipboard, the text is there to be marked.
const button = document.getElementById('copy-button');
const code = document.getElementById('snippet');

if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(code.textContent).then(() => {
      document.getElementById('copied').textContent = button.dataset.done;
    });
  });
}
