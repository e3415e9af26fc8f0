// `node --import ./test/end-with-parent.js …`, started with a channel to its parent and TRIBUTARY_LAUNCHED,
// ends when the parent is gone, however it went. Its own children are not concerned.
if (process.env.TRIBUTARY_LAUNCHED !== undefined && process.connected) {
  delete process.env.TRIBUTARY_LAUNCHED;
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
}
