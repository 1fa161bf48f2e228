self.addEventListener('install', () => {
  fetch('/write/service-worker', {method: 'POST', body: 'x'}).catch(() => {});
});
