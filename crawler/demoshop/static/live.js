'use strict';
(async () => {
  const page = Number(new URLSearchParams(location.search).get('page') || 1);
  const opened = Number(localStorage.getItem('demoshop.opened') || 0);
  localStorage.setItem('demoshop.opened', opened + 1); // it is part of the session, as a token would be
  const answer = await fetch('/api/orders?page=' + page + '&opened=' + opened, {headers: {Accept: 'application/json'}});
  if (answer.status === 401) { location.href = '/admin/login'; return; }
  const list = await answer.json();
  const table = document.getElementById('orders');
  const cell = (tr, name, text) => {
    const td = tr.insertCell();
    td.className = name;
    if (text !== undefined) td.textContent = text;
    return td;
  };
  for (const o of list.orders || []) {
    const tr = table.tBodies[0].insertRow();
    tr.className = 'order';
    tr.dataset.id = o.ref;
    const a = document.createElement('a');
    a.href = '/admin/orders/' + o.ref;
    a.textContent = o.number;
    cell(tr, 'number').append(a);
    const time = document.createElement('time');
    time.dateTime = o.created;
    time.textContent = o.created.slice(0, 16).replace('T', ' ');
    cell(tr, 'date').append(time);
    cell(tr, 'customer', o.customer);
    const badge = document.createElement('span');
    const words = o.status || o.state || '';
    badge.className = 'badge ' + words.toLowerCase().replaceAll(' ', '-');
    badge.textContent = words;
    cell(tr, o.status ? 'status' : 'state').append(badge);
    const whole = o.total.split('.');
    cell(tr, 'total amount', whole[0].replace(/\B(?=(\d{3})+$)/g, ',') + '.' + whole[1] + ' ' + o.currency);
  }
  const show = (selector, on) => { document.querySelector(selector).hidden = !on; };
  show('.empty', list.orders && list.orders.length === 0);
  document.getElementById('count').innerHTML = list.total === undefined ? '' : '<b>' + Number(list.total) + '</b> orders';
  document.querySelector('.where').textContent = 'Page ' + list.page + ' of ' + list.pages;
  for (const [name, to] of [['.prev', page - 1], ['.next', page + 1]]) {
    document.querySelector(name).href = '/admin/orders?page=' + to;
    show(name, to >= 1 && to <= list.pages);
  }
  table.hidden = false;
})();
