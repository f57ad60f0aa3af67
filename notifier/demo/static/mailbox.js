// Shows new mails as they arrive; without scripts the page works too, and is loaded again by hand.
const list = document.querySelector("#list");

const current = list.querySelector("[aria-current]");
if (current) current.scrollIntoView({ block: "nearest" });

async function refresh() {
  const answer = await fetch(`/list?shown=${list.dataset.shown}`);
  if (!answer.ok) return;
  const newest = answer.headers.get("X-Mails");
  if (newest === list.dataset.mails) return;
  list.innerHTML = await answer.text(); // made by the same templates, everything escaped
  list.dataset.mails = newest;
  document.querySelector("#count").textContent = newest;
}

setInterval(() => refresh().catch(() => {}), 1000);
