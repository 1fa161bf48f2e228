'use strict';
(async () => {
  const answer = await fetch('/api/orders/' + document.body.dataset.order);
  if (answer.status === 401) { location.href = '/admin/login'; return; }
  const all = await answer.json();
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  set('number', all.order.number);
  document.getElementById('number').dataset.id = document.body.dataset.order; // the number in the JSON has lost its last digits here
  const status = document.getElementById('status');
  status.textContent = all.order.status;
  status.className = 'badge ' + all.order.status.toLowerCase().replaceAll(' ', '-');
  // Values, not attributes: only a browser can tell them.
  document.getElementById('name').value = all.order.customer;
  document.getElementById('email').value = all.email;
  document.getElementById('phone').value = all.phone;
  document.getElementById('payment').value = all.payment;
  set('pay-failed', all.pay_failed ? 'A payment failed.' : '');
  set('coupon', all.coupon);
  const lines = document.getElementById('lines').tBodies[0];
  for (const l of all.lines) {
    const tr = lines.insertRow();
    tr.className = 'line';
    for (const [name, text] of [['title', l.Title], ['sku', l.SKU], ['quantity amount', l.Quantity], ['sum amount', l.Total + ' ' + all.order.currency], ['stock', l.SoldOut ? 'sold out' : '']]) {
      const td = tr.insertCell();
      td.className = name;
      td.textContent = text;
    }
  }
  set('total', all.order.total + ' ' + all.order.currency);
})();
