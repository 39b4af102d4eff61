import { work } from './work.ts';

/** Keeps one core busy until the benchmark ends. In slices, so that it sees that end. */
function burn() {
  work();
  setImmediate(burn);
}
process.once('disconnect', () => process.exit(0));
process.send?.('burning');
burn();
