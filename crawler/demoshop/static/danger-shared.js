fetch('/write/shared-worker', {method: 'POST', body: 'x'}).catch(() => {});
try { new WebSocket('ws://' + location.host + '/write/shared-socket'); } catch (e) {}
