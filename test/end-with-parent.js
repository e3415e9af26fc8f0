// `node --import ./test/end-with-parent.js …` ends when the process that started it has ended for any reason. Jest
// passes its own --import to its workers, so they end with Jest.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 500).unref();
