// `node --import ./test/end-with-parent.js …` ends when the process that started it is gone, however it
// went. Jest hands its own --import on to its workers, so they end with Jest.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 500).unref();
