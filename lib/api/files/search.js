(() => {
  const input = document.querySelector('input'), list = document.getElementById('found');
  let timer, asked = 0;
  const show = rows => list.replaceChildren(...rows.map(texts => {
    const item = document.createElement('li');
    item.append(...texts.map(text => Object.assign(document.createElement('span'), {textContent: text})));
    return item;
  }));
  const ask = async () => {
    const q = input.value.trim(), mine = ++asked;
    if (!q) return show([]);
    try {
      const answer = await fetch('/api/search/products/?page_size=8&q=' + encodeURIComponent(q));
      const found = await answer.json();
      if (mine !== asked) return;
      if (!answer.ok) return show([[found.errors ? found.errors[0].detail : found.detail]]);
      show(found.results.length ? found.results.map(one => [one.title, one.price]) : [['Nothing was found.']]);
    } catch (error) {
      if (mine === asked) show([['The server does not answer.']]);
    }
  };
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
})();
