fetch('/write/worker', {method: 'POST', body: 'x'}).catch(() => {});
try { new WebSocket('ws://' + location.host + '/write/worker-socket'); } catch (e) {}
