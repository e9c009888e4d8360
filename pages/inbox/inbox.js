// Two comforts of the inbox; without them the page works by links and buttons.
(() => {
  'use strict';

  // The list keeps itself up to date while somebody looks at it.
  const listing = document.getElementById('listing');
  const read = async () => {
    const answer = await fetch(listing.dataset.live);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('listing');
    const known = new Set([...listing.querySelectorAll('[data-id]')].map((row) => row.dataset.id));
    const same = [...fresh.querySelectorAll('[data-id]')].every((row) => known.has(row.dataset.id));
    document.getElementById('count').textContent = page.getElementById('count').textContent;
    if (same && fresh.querySelectorAll('[data-id]').length === known.size) return;
    const focused = listing.contains(document.activeElement) && document.activeElement.getAttribute('href');
    for (const row of fresh.querySelectorAll('[data-id]')) {
      if (!known.has(row.dataset.id)) row.classList.add('arrived');
      if (location.pathname.endsWith(row.dataset.id)) row.setAttribute('aria-current', 'page');
    }
    listing.replaceChildren(...fresh.childNodes);
    if (focused) listing.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  };
  const watch = async () => {
    if (!document.hidden) await read().catch(() => {});
    setTimeout(watch, 2000);
  };
  if (listing?.dataset.live) setTimeout(watch, 2000);

  // The width and the colours chosen for one mail hold for the next.
  for (const choice of document.querySelectorAll('.switch input')) {
    choice.checked = (sessionStorage.getItem(choice.name) ?? '') === choice.id || choice.checked;
    choice.addEventListener('change', () => sessionStorage.setItem(choice.name, choice.id));
  }
})();
