/* The registered file goes to the exchange for delivery, with progress; a wrong size is said before sending. */

const fill = (text, values) => Object.entries(values).reduce((t, [name, value]) => t.replace(`{${name}}`, value), text);

function watch(form) {
  const words = form.dataset;
  const status = form.querySelector("[role=status]");
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const say = (text, tone) => { status.textContent = text; status.className = `ts-small mt-2 mb-2 ${tone}`; };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) { form.querySelector("input[type=file]").focus(); return; }
    if (file.size !== Number(words.size)) {
      const grouped = (n) => Number(n).toLocaleString("en");
      say(fill(words.wrong, { size: grouped(file.size), wanted: grouped(words.size) }), "ts-crimson");
      return;
    }
    const call = new XMLHttpRequest();
    call.open("PUT", words.address);
    call.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.setRequestHeader("Accept-Language", document.documentElement.lang);
    button.disabled = true;
    bar.hidden = false;
    call.upload.addEventListener("progress", (p) => { bar.value = (100 * p.loaded) / p.total; });
    call.addEventListener("loadend", () => {
      button.disabled = false;
      bar.hidden = true;
      if (call.status >= 200 && call.status < 300) { say(words.done, "ts-jade"); setTimeout(() => location.reload(), 900); return; }
      let why = `HTTP ${call.status}`;
      try { const problem = JSON.parse(call.responseText); why = [problem.detail, problem.remedy].filter(Boolean).join(" "); } catch { /* no problem body: the status says it */ }
      say(fill(words.failed, { why }), "ts-crimson");
    });
    call.send(file);
  });
}

for (const form of document.querySelectorAll("form[data-ts-deposit]")) watch(form);
