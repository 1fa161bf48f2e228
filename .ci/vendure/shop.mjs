// A Vendure shop for the checks: catalogue, customers and 60 orders made through Vendure's own API, plus 2 open carts.
//
// Admin UI  /admin      superadmin / superadmin, and clerk@nudged.test / clerk-password, who may only read orders and customers
// Admin API /admin-api  what the UI uses
//
// Beside them, for tests only:
//   GET  /control/orders              every order as the admin API tells it: code, state, customer, total, lines, payments
//   POST /control/order?kind=K[&minutes=M]  adds an order of kind K, M minutes old; answers with the order
//   POST /control/pay?order=CODE      pays an order that waits for its money; answers with the order
//   POST /control/cancel?order=CODE   cancels an order
//   POST /control/expire[?after=N]    ends every admin session, at once or before the Nth operation from now (N > 0)
//   GET  /control/log                 what came to the admin API since the last clearing, control's own calls left out
//   POST /control/clear               clears that log
import { bootstrap, ConfigService, dummyPaymentHandler, LanguageCode, Permission, TransactionalConnection } from '@vendure/core';
import cli from '@vendure/core/cli/index.js';
import adminUi from '@vendure/admin-ui-plugin';
import fs from 'node:fs';

const port = Number(process.env.PORT);
const base = `http://127.0.0.1:${port}`;
const ours = { 'x-shop-control': 'yes' };

// One order in twelve of each; `authorized` and `arranging` are those a seller waits for, so they come more often.
const kinds = ['authorized', 'settled', 'arranging', 'authorized', 'dropped', 'delivered',
  'authorized', 'shipped', 'cancelled', 'refunded', 'arranging', 'held'];
// The payment method of each kind; no entry: the order never reached its payment.
const methods = { authorized: 'bank-transfer', cancelled: 'bank-transfer', held: 'card-hold', settled: 'card', refunded: 'card', shipped: 'card', delivered: 'card' };
// Names that pages and mails get wrong: other scripts, markup, quotes, a formula, a very long one.
const oddNames = [['小明', '王'], ['Seán "Jack"', "O'Briain"], ['<b>Bold</b>', '<script>alert(1)</script>'], ['=SUM(A1:A9)', '&amp; Sons'], ['Ludwig', 'von '.repeat(40) + 'Berg'], ['Zoë', 'Ångström-Łukasz']];

let serial = 10001;
const log = [];
let expireIn = 0;
let app, adminToken;

// Sees each operation before it runs, which is where a session that ends in mid-visit has to end.
const watcher = {
  async requestDidStart({ request }) {
    const foreign = !request.http?.headers.get('x-shop-control');
    return {
      async didResolveOperation({ operation }) {
        if (!foreign) return;
        const fields = operation.selectionSet.selections.map(s => s.name?.value);
        log.push({ at: new Date().toISOString(), kind: operation.operation, name: operation.name?.value ?? '', fields });
        if (expireIn > 0 && --expireIn === 0) await endSessions();
      },
    };
  },
};

const config = {
  apiOptions: {
    hostname: '127.0.0.1', port, adminApiPath: 'admin-api', shopApiPath: 'shop-api',
    apolloServerPlugins: [watcher],
    middleware: [{ route: 'control', handler: control }],
  },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'only for checks on loopback' },
  },
  dbConnectionOptions: { type: 'sqljs', synchronize: true, autoSave: false, logging: false },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  orderOptions: { orderCodeStrategy: { generate: () => `ORD-${serial++}` } },
  plugins: [adminUi.AdminUiPlugin.init({ route: 'admin', port, adminUiConfig: { loginImageUrl: '/admin/favicon.ico' } })],
};

function catalogue() {
  const names = ['Brass buckle', 'Leather belt, 4 cm', 'Oak chair', 'Tea <pot> & cup', '手工皮带', 'Lamp "Noon"'];
  const rows = names.map((name, i) => `"${name.replaceAll('"', '""')}",item-${i + 1},Made by hand,,,,,SKU-${i + 1},${(9.99 + i * 17.35).toFixed(2)},standard,100000,false,,`);
  fs.writeFileSync('products.csv', 'name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets\n' + rows.join('\n') + '\n');
  const method = (name, settle) => ({ name, handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: String(settle) }] } });
  return {
    defaultLanguage: LanguageCode.en, defaultZone: 'Americas', countries: [{ name: 'United States', code: 'US', zone: 'Americas' }],
    taxRates: [{ name: 'Standard Tax', percentage: 20 }], shippingMethods: [{ name: 'Standard Shipping', price: 500 }], collections: [],
    paymentMethods: [method('bank-transfer', false), method('card', true), method('card-hold', false)],
  };
}

// The one result of an operation, or an error: Vendure answers many a refusal with 200 and an errorCode.
async function gql(api, query, variables, token) {
  const headers = { 'content-type': 'application/json', ...ours, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`${base}/${api}`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  if (answer.errors) throw new Error(`${query}: ${JSON.stringify(answer.errors)}`);
  const value = Object.values(answer.data)[0];
  if (value?.errorCode) throw new Error(`${query}: ${value.errorCode} ${value.message}`);
  return { value, token: response.headers.get('vendure-auth-token') ?? token };
}

async function admin(query, variables) {
  return (await gql('admin-api', query, variables, adminToken)).value;
}

const failed = '...on ErrorResult{errorCode message}';

// One buyer's way through the shop, up to the payment that the kind of order has.
async function buy(n, kind) {
  let token;
  const shop = async (query, variables) => {
    const answer = await gql('shop-api', query, variables, token);
    token = answer.token;
    return answer.value;
  };
  const who = n % 45;  // some people order twice
  const [firstName, lastName] = oddNames[who % 10 === 7 ? Math.floor(who / 10) : -1] ?? ['Customer', `No ${who}`];
  const phone = n % 9 === 4 ? '' : `+1 (212) 555-${String(1000 + who).padStart(4, '0')}`;
  let order;
  for (let line = 0; line <= n % 3; line++) {
    order = await shop(`mutation($v:ID!,$q:Int!){addItemToOrder(productVariantId:$v,quantity:$q){...on Order{id} ${failed}}}`, { v: String(1 + (n + line * 2) % 6), q: 1 + (n + line) % 4 });
  }
  if (kind === 'cart') return order.id;
  await shop(`mutation($i:CreateCustomerInput!){setCustomerForOrder(input:$i){__typename ${failed}}}`, { i: { firstName, lastName, emailAddress: `customer${who}@example.test`, phoneNumber: phone } });
  await shop(`mutation($i:CreateAddressInput!){setOrderShippingAddress(input:$i){__typename ${failed}}}`, { i: { fullName: `${firstName} ${lastName}`, streetLine1: `${n} Test Street`, city: 'New York', postalCode: '10001', countryCode: 'US', phoneNumber: phone } });
  const [shipping] = await shop('{eligibleShippingMethods{id}}');
  await shop(`mutation($m:[ID!]!){setOrderShippingMethod(shippingMethodId:$m){__typename ${failed}}}`, { m: [shipping.id] });
  await shop('mutation{transitionOrderToState(state:"ArrangingPayment"){__typename ...on OrderStateTransitionError{errorCode message}}}');
  if (methods[kind]) await shop(`mutation($m:String!){addPaymentToOrder(input:{method:$m,metadata:{}}){__typename ${failed}}}`, { m: methods[kind] });
  return order.id;
}

// What the seller's side did with the order afterwards.
async function handle(id, kind) {
  if (kind === 'dropped' || kind === 'cancelled') await cancel(id);
  if (kind === 'refunded') {
    await cancel(id);
    const { payments: [payment] } = await admin('query($id:ID!){order(id:$id){payments{id amount}}}', { id });
    const refund = await admin(`mutation($i:RefundOrderInput!){refundOrder(input:$i){...on Refund{id} ${failed}}}`, { i: { amount: payment.amount, shipping: 0, adjustment: 0, lines: [], paymentId: payment.id, reason: 'sent back' } });
    await admin(`mutation($i:SettleRefundInput!){settleRefund(input:$i){__typename ${failed}}}`, { i: { id: refund.id, transactionId: `R-${id}` } });
  }
  if (kind === 'shipped' || kind === 'delivered') {
    const { lines } = await admin('query($id:ID!){order(id:$id){lines{id quantity}}}', { id });
    const input = { lines: lines.map(l => ({ orderLineId: l.id, quantity: l.quantity })), handler: { code: 'manual-fulfillment', arguments: [{ name: 'method', value: 'Post' }, { name: 'trackingCode', value: `T${id}` }] } };
    const { id: parcel } = await admin(`mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){...on Fulfillment{id} ${failed}}}`, { i: input });
    for (const state of kind === 'shipped' ? ['Shipped'] : ['Shipped', 'Delivered']) {
      await admin(`mutation($id:ID!,$s:String!){transitionFulfillmentToState(id:$id,state:$s){__typename ${failed}}}`, { id: parcel, s: state });
    }
  }
}

async function cancel(id) {
  await admin(`mutation($id:ID!){cancelOrder(input:{orderId:$id,reason:"not paid"}){__typename ${failed}}}`, { id });
}

async function addOrder(n, kind, minutes) {
  const id = await buy(n, kind);
  await handle(id, kind);
  const at = new Date(Date.now() - minutes * 60e3).toISOString().replace('T', ' ').replace('Z', '');
  const db = app.get(TransactionalConnection).rawConnection;
  await db.query('UPDATE "order" SET createdAt=?, updatedAt=?, orderPlacedAt=CASE WHEN orderPlacedAt IS NULL THEN NULL ELSE ? END WHERE id=?', [at, at, at, id]);
  return id;
}

const facts = 'id code state active createdAt updatedAt orderPlacedAt currencyCode totalWithTax customer{firstName lastName emailAddress phoneNumber} shippingAddress{fullName phoneNumber} lines{quantity orderPlacedQuantity linePriceWithTax productVariant{name sku}} payments{id method state amount refunds{state total}}';

async function orders() {
  const all = [];
  for (let skip = 0; ; skip += 100) {
    const { items, totalItems } = await admin(`query($o:OrderListOptions){orders(options:$o){totalItems items{${facts}}}}`, { o: { skip, take: 100, sort: { id: 'ASC' } } });
    all.push(...items);
    if (all.length >= totalItems || items.length === 0) return all;
  }
}

async function byCode(code) {
  const { items: [order] } = await admin(`query($c:String!){orders(options:{filter:{code:{eq:$c}}}){items{${facts}}}}`, { c: code });
  if (!order) throw new Error(`no order ${code}`);
  return order;
}

async function pay(code) {
  const order = await byCode(code);
  const open = order.payments.find(p => p.state === 'Authorized');
  if (open) await admin(`mutation($id:ID!){settlePayment(id:$id){__typename ${failed}}}`, { id: open.id });
  else await admin(`mutation($i:ManualPaymentInput!){addManualPaymentToOrder(input:$i){__typename ${failed}}}`, { i: { orderId: order.id, method: 'bank-transfer', transactionId: `P-${order.id}`, metadata: {} } });
  return byCode(code);
}

// Sessions live in the database and in a cache; both must forget. The one that control uses stays.
async function endSessions() {
  await app.get(TransactionalConnection).rawConnection.query('UPDATE session SET invalidated=1 WHERE userId IS NOT NULL AND token<>?', [adminToken]);
  await app.get(ConfigService).authOptions.sessionCacheStrategy.clear();
}

const actions = {
  'GET /orders': () => orders(),
  'GET /log': () => log,
  'POST /clear': () => { log.length = 0; return log; },
  'POST /pay': q => pay(q.get('order')),
  'POST /cancel': async q => { await cancel((await byCode(q.get('order'))).id); return byCode(q.get('order')); },
  'POST /order': async q => {
    const id = await addOrder(serial, q.get('kind') ?? 'arranging', Number(q.get('minutes') ?? 0));
    return (await orders()).find(o => o.id === id);
  },
  'POST /expire': async q => {
    expireIn = Number(q.get('after') ?? 0);
    if (!expireIn) await endSessions();
    return { after: expireIn };
  },
};

async function control(request, response) {
  const url = new URL(request.originalUrl, base);
  const action = actions[`${request.method} ${url.pathname.replace(/^\/control/, '')}`];
  const [status, body] = action
    ? await Promise.resolve().then(() => action(url.searchParams)).then(v => [200, v], e => [409, { error: e.message }])
    : [404, { error: 'no such action; see the head of shop.mjs' }];
  response.status(status).json(body);
}

async function signIn(user, password) {
  return (await gql('admin-api', 'mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename ...on ErrorResult{errorCode message}}}', { u: user, p: password })).token;
}

// Control has an account of its own: a sign-out ends every session of its user.
async function own() {
  const { items: roles } = await admin('query{roles{items{id code}}}');
  const role = roles.find(r => r.code === '__super_admin_role__');
  const who = { firstName: 'Control', lastName: 'Only', emailAddress: 'control@nudged.test', password: 'control-password', roleIds: [role.id] };
  await admin('mutation($i:CreateAdministratorInput!){createAdministrator(input:$i){id}}', { i: who });
  return signIn(who.emailAddress, who.password);
}

async function clerk() {
  const permissions = [Permission.ReadOrder, Permission.ReadCustomer, Permission.ReadSettings, Permission.ReadCatalog];
  const role = await admin('mutation($i:CreateRoleInput!){createRole(input:$i){id}}', { i: { code: 'clerk', description: 'reads orders', permissions } });
  await admin('mutation($i:CreateAdministratorInput!){createAdministrator(input:$i){id}}', { i: { firstName: 'Clerk', lastName: 'Only', emailAddress: 'clerk@nudged.test', password: 'clerk-password', roleIds: [role.id] } });
}

app = await cli.populate(() => bootstrap(config), catalogue(), 'products.csv');
adminToken = await signIn('superadmin', 'superadmin');
adminToken = await own();
await clerk();
const count = 60;
for (let n = 1; n <= count; n++) await addOrder(n, kinds[n % kinds.length], (count + 1 - n) * 7 * 60);  // 7 h apart
for (const n of [1, 2]) await addOrder(n, 'cart', n * 30);
fs.writeFileSync('ready', 'yes');
