// What EverShop is given for the checks: it is loaded before EverShop and stands in front of it, in the same process.
//
// Admin     /admin              admin@nudged.test / admin-password
// Admin API /api/admin/graphql  what the admin pages use
//
// EverShop limits what comes from one address: 8 sign-ins in 15 minutes, 120 requests of its API and 300 pages a minute.
//
// Beside them, for tests only:
//   GET  /control/orders              every order as the database has it
//   POST /control/fill                adds the 60 orders that the shop begins with
//   POST /control/order?kind=K[&minutes=M]  adds an order of kind K, M minutes old; answers with the order
//   POST /control/pay?order=NUMBER    EverShop notes the order's payment; answers with the order
//   POST /control/cancel?order=NUMBER EverShop cancels the order
//   POST /control/expire[?after=N]    ends every session, at once or before the Nth request of the API from now (N > 0)
//   POST /control/newcomer            from now on all requests seem to come from another address: the limits begin anew
//   GET  /control/log                 what came to the shop since the last clearing, and how it answered
//   POST /control/clear               clears that log
import http from 'node:http';
import net from 'node:net';

const apiPath = '/api/admin/graphql';

// EverShop names no host to listen at, which is all of them.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function onLoopback(port, ...rest) {
  if (typeof port !== 'number') return listen.call(this, port, ...rest);
  return listen.call(this, port, '127.0.0.1', ...(typeof rest[0] === 'string' ? rest.slice(1) : rest));
};

let expireIn = 0, newcomers = 0, log = [];

// payment status, shipment status, order status, payment method, money captured
const kinds = {
  transfer: ['pending', 'pending', 'new', 'bank_transfer'],
  cod: ['pending', 'pending', 'new', 'cod'],
  paid: ['paid', 'pending', 'processing', 'bank_transfer'],
  delivered: ['paid', 'delivered', 'completed', 'cod'],
  canceled: ['canceled', 'pending', 'canceled', 'bank_transfer'],
  shipped: ['pending', 'shipped', 'processing', 'cod'],
  authorized: ['paypal_authorized', 'pending', 'processing', 'paypal'],
  captured: ['stripe_captured', 'pending', 'processing', 'stripe', true],
  failed: ['stripe_failed', 'pending', 'new', 'stripe'],
  refunded: ['stripe_refunded', 'pending', 'closed', 'stripe', true],
  partly: ['stripe_partial_refunded', 'delivered', 'completed', 'stripe', true],
  returned: ['canceled', 'canceled', 'canceled', 'paypal', true],
};
// Those a seller waits for come more often.
const plan = ['transfer', 'cod', 'paid', 'transfer', 'canceled', 'delivered', 'transfer', 'authorized', 'canceled', 'captured',
  'failed', 'refunded', 'transfer', 'partly', 'returned', 'shipped'];
const oddNames = ['王小明', 'Seán "Jack" O\'Briain', '<b>Bold</b> <script>alert(1)</script>', '=SUM(A1:A9) &amp; Sons', 'Ludwig ' + 'von '.repeat(40) + 'Berg'];
const oddTitles = ['Tea <pot> & cup', '手工皮带', 'Lamp "Noon"'];

let pool, oms;
async function sql(text, values) {
  pool ??= (await import('@evershop/evershop/lib/postgres')).pool;
  return (await pool.query(text, values)).rows;
}
async function services() {
  return oms ??= await import('@evershop/evershop/oms/services');
}

function insert(table, row, key) {
  const names = Object.keys(row);
  const columns = names.map(n => `"${n}"`).join(', '), places = names.map((_, i) => `$${i + 1}`).join(', ');
  return sql(`INSERT INTO "${table}" (${columns}) VALUES (${places}) RETURNING "${key}" AS id`, Object.values(row)).then(([r]) => r.id);
}

async function addOrder(n, kind, minutes) {
  if (!kinds[kind]) throw new Error(`no kind ${kind}`);
  const [paymentStatus, shipmentStatus, status, method, captured] = kinds[kind];
  const who = n % 45;  // some people order twice
  const name = who % 10 === 7 ? oddNames[Math.floor(who / 10)] : `Customer No ${who}`;
  const address = await insert('order_address', {
    full_name: name, postcode: '10001', telephone: n % 9 === 4 ? null : `+1 (212) 555-${String(1000 + who)}`,
    country: 'US', province: 'US-NY', city: 'New York', address_1: `${n} Test Street`,
  }, 'order_address_id');
  const lines = Array.from({ length: 1 + n % 3 }, (_, i) => ({ quantity: 1 + (n + i) % 4, price: Math.round(999 + ((n + i) % 7) * 1735) / 100, title: oddTitles[(n + i) % 8] ?? `Item ${n}-${i}`, sku: `SKU-${n}-${i}` }));
  const sum = Math.round(lines.reduce((s, l) => s + l.quantity * l.price, 0) * 100) / 100;
  const at = new Date(Date.now() - minutes * 60e3);
  const id = await insert('order', {
    order_number: String(10000 + n), status, cart_id: n, currency: 'USD', customer_email: `customer${who}@example.test`, customer_full_name: name,
    shipping_fee_excl_tax: 5, shipping_fee_incl_tax: 5, discount_amount: 0, sub_total: sum, sub_total_incl_tax: sum, sub_total_with_discount: sum,
    sub_total_with_discount_incl_tax: sum, total_qty: lines.length, total_weight: 0, tax_amount: 0, tax_amount_before_discount: 0, shipping_tax_amount: 0,
    grand_total: sum + 5, shipping_address_id: address, billing_address_id: address, payment_method: method, payment_method_name: method,
    shipment_status: shipmentStatus, payment_status: paymentStatus, created_at: at, updated_at: at, total_tax_amount: 0, no_shipping_required: false,
  }, 'order_id');
  for (const l of lines) {
    await insert('order_item', {
      order_item_order_id: id, product_id: 1, product_sku: l.sku, product_name: l.title, product_price: l.price, product_price_incl_tax: l.price, qty: l.quantity,
      final_price: l.price, final_price_incl_tax: l.price, tax_percent: 0, tax_amount: 0, tax_amount_before_discount: 0, discount_amount: 0,
      line_total: l.quantity * l.price, line_total_with_discount: l.quantity * l.price, line_total_incl_tax: l.quantity * l.price, line_total_with_discount_incl_tax: l.quantity * l.price,
    }, 'order_item_id');
  }
  if (captured) {
    await insert('payment_transaction', { payment_transaction_order_id: id, transaction_id: `T-${n}`, transaction_type: 'online', amount: sum + 5, payment_action: 'capture' }, 'payment_transaction_id');
  }
  return String(10000 + n);
}

const everything = `SELECT o.uuid, o.order_number AS number, o.status, o.payment_status, o.shipment_status, o.payment_method, o.currency, o.grand_total, o.created_at, o.updated_at,
  o.customer_full_name AS name, o.customer_email AS email, a.telephone AS phone,
  (SELECT json_agg(json_build_object('title', i.product_name, 'sku', i.product_sku, 'quantity', i.qty, 'total', i.line_total_incl_tax) ORDER BY i.order_item_id)
    FROM order_item i WHERE i.order_item_order_id = o.order_id) AS lines,
  (SELECT count(*)::int FROM payment_transaction t WHERE t.payment_transaction_order_id = o.order_id AND t.payment_action = 'capture') AS captured,
  (SELECT count(*)::int FROM order_activity y WHERE y.order_activity_order_id = o.order_id) AS activities
  FROM "order" o LEFT JOIN order_address a ON a.order_address_id = o.shipping_address_id`;

async function byNumber(number) {
  const [order] = await sql(`${everything} WHERE o.order_number = $1`, [number]);
  if (!order) throw new Error(`no order ${number}`);
  return order;
}

const endSessions = () => sql('DELETE FROM session');

const actions = {
  'GET /orders': () => sql(`${everything} ORDER BY o.order_id`),
  'POST /fill': async () => {
    for (let n = 1; n <= 60; n++) await addOrder(n, plan[n % plan.length], (61 - n) * 7 * 60);  // 7 h apart
    return (await actions['GET /orders']()).length;
  },
  'POST /order': async q => {
    const [{ count }] = await sql('SELECT count(*)::int FROM "order"');
    return byNumber(await addOrder(count + 1, q.get('kind') ?? 'transfer', Number(q.get('minutes') ?? 0)));
  },
  'POST /pay': async q => {
    const [{ id }] = await sql('SELECT order_id AS id FROM "order" WHERE uuid = $1', [(await byNumber(q.get('order'))).uuid]);
    await (await services()).updatePaymentStatus(id, 'paid');
    return byNumber(q.get('order'));
  },
  'POST /cancel': async q => {
    await (await services()).cancelOrder((await byNumber(q.get('order'))).uuid, 'not paid');
    return byNumber(q.get('order'));
  },
  'POST /expire': async q => {
    expireIn = Number(q.get('after') ?? 0);
    if (!expireIn) await endSessions();
    return { after: expireIn };
  },
  'POST /newcomer': () => ({ newcomers: ++newcomers }),
  'GET /log': () => log,
  'POST /clear': () => { log = []; return log; },
};

async function control(request, response) {
  const url = new URL(request.url, 'http://shop');
  const action = actions[`${request.method} ${url.pathname.replace(/^\/control/, '')}`];
  const [status, body] = action
    ? await Promise.resolve().then(() => action(url.searchParams)).then(v => [200, v], e => [409, { error: e.message }])
    : [404, { error: 'no such action; see the head of shop.mjs' }];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

// note keeps a request for GET /control/log; of its body only what a query is made of.
function note(request, response) {
  const entry = { method: request.method, path: request.url.split('?')[0], body: '' };
  log.push(entry);
  response.on('finish', () => { entry.status = response.statusCode; });
  if (entry.path !== apiPath) return;
  const { emit } = request;
  request.emit = function seen(event, data, ...rest) {
    if (event === 'data') entry.body += data;
    return emit.call(this, event, data, ...rest);
  };
}

const { emit } = http.Server.prototype;
http.Server.prototype.emit = function inFront(event, request, response, ...rest) {
  if (event !== 'request') return emit.call(this, event, request, response, ...rest);
  if (request.url.startsWith('/control/')) {
    control(request, response);
    return true;
  }
  note(request, response);
  if (newcomers) Object.defineProperty(request.socket, 'remoteAddress', { configurable: true, value: `127.0.1.${newcomers % 250}` });
  const pass = () => emit.call(this, event, request, response, ...rest);
  if (expireIn > 0 && request.url.startsWith(apiPath) && --expireIn === 0) endSessions().then(pass);
  else pass();
  return true;
};
