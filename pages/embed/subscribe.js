/*
 * Makes a Postrider sign-up form answer in place. Without this script the form works too and leads to a page of its own.
 *
 *   <form data-postrider action="https://…/subscribe" method="post"> … </form>
 *   <script src="https://…/embed/subscribe.js" defer></script>
 *
 * No dependencies, no cookies, no styles; nothing is evaluated, so a Content-Security-Policy needs only script-src and connect-src for
 * the host of the form. To style: [data-postrider] and the classes postrider-answer, postrider-title, postrider-error.
 */
(() => {
  'use strict';

  /** By then a worker has looked whether the domain takes mail, in milliseconds. */
  const LOOK_AFTER = 6000;
  let errors = 0;

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  /** The fields of the form; in the language of the page where the form names none. */
  function fieldsOf(form) {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields.append(name, value);
    if (!fields.get('locale') && document.documentElement.lang) fields.set('locale', document.documentElement.lang);
    return fields;
  }

  async function ask(url, options) {
    const response = await fetch(url, {
      ...options,
      headers: { Accept: 'application/json' },
      credentials: 'omit',
    });
    return { status: response.status, body: await response.json() };
  }

  function clear(form) {
    for (const old of form.querySelectorAll('.postrider-error')) old.remove();
    for (const field of form.querySelectorAll('[aria-invalid]')) {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('aria-describedby');
    }
  }

  function fieldFor(form, name) {
    const found = form.elements.namedItem(name === 'lists' ? 'list' : name);
    const field = found instanceof RadioNodeList ? found[0] : found;
    return field && field.type !== 'hidden' ? field : null;
  }

  /** What is wrong stands behind its field, is tied to it for screen readers, and the first one gets the focus. */
  function showErrors(form, details) {
    let first = null;
    for (const { field: name, message } of details) {
      const error = element('p', 'postrider-error', message);
      error.id = `postrider-error-${(errors += 1)}`;
      const field = fieldFor(form, name);
      if (field) {
        field.setAttribute('aria-invalid', 'true');
        field.setAttribute('aria-describedby', error.id);
        (field.closest('label, fieldset, p') || field).after(error);
      } else {
        error.setAttribute('role', 'alert');
        form.prepend(error);
      }
      first = first || field;
    }
    if (first) first.focus();
  }

  function answer(body, role) {
    const box = element('div', 'postrider-answer', '');
    box.setAttribute('role', role);
    box.tabIndex = -1;
    box.append(element('p', 'postrider-title', body.title), element('p', 'postrider-message', body.message));
    return box;
  }

  /** Where the domain takes no mail the form comes back, with everything that was typed. */
  function look(form, box, url) {
    setTimeout(() => {
      ask(url, {}).then(({ body }) => {
        if (body.state !== 'refused') return;
        const refused = answer(body, 'alert');
        box.replaceWith(refused);
        refused.after(form);
      }, () => undefined);
    }, LOOK_AFTER);
  }

  async function send(form) {
    const { status, body } = await ask(form.action, { method: 'POST', body: fieldsOf(form) });
    clear(form);
    if (status === 200) {
      const box = answer(body, 'status');
      form.replaceWith(box);
      box.focus();
      if (body.statusUrl) look(form, box, new URL(body.statusUrl, form.action));
    } else if (status === 422 && body.details.every(({ field }) => field !== 'form')) {
      showErrors(form, body.details);
    } else if (status === 429) {
      showErrors(form, [{ field: 'form', message: body.message }]);
    } else {
      throw new Error(`answered ${status}`);
    }
  }

  function enhance(form) {
    let busy = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      form.setAttribute('aria-busy', 'true');
      send(form)
        // The plain way always works: the browser goes to the page behind the form, which says what is the matter.
        .catch(() => HTMLFormElement.prototype.submit.call(form))
        .finally(() => {
          busy = false;
          form.removeAttribute('aria-busy');
        });
    });
  }

  function start() {
    for (const form of document.querySelectorAll('form[data-postrider]')) enhance(form);
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
